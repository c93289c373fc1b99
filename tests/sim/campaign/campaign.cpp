#include "sim/campaign/campaign.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "engine/item_results.h"
#include "reconcile/stored_results.h"
#include "render/labels.h"
#include "sim/campaign/approvers.h"
#include "sim/campaign/audit.h"
#include "sim/campaign/faults.h"
#include "sim/campaign/poison.h"
#include "sim/control_story.h"
#include "sim/fixtures.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr Millis kFaults{60'000};
constexpr Millis kLongest{1'200'000};  // from the last fault to the end of the last run
constexpr Millis kSettles{150'000};
constexpr Millis kCounts{300'000};  // until an Event that was said again is written, at the latest
constexpr Millis kRest{180'000};
constexpr std::size_t kPipelines = 8;
constexpr std::size_t kImages = 3;

std::string pipeline_name(std::size_t index) { return "p" + std::to_string(index % kPipelines); }

// What is the same whatever the cluster did meanwhile. Not why a task was skipped: that is the first of several
// reasons.
json essence(const json& run) {
  const json& status = run["status"];
  json out = {{"phase", status["phase"]}, {"counts", status.value("counts", json())}, {"tasks", json::object()}};
  for (const json& row : status.value("tasks", json::array())) {
    json& task = out["tasks"][row["name"].get<std::string>()];
    task["state"] = row["state"];
    task["own"] = row.value("attempt", 0) - row.value("restarts", 0);
    if (row["state"] == "Failed") task["reason"] = row.value("reason", "");
  }
  return out;
}

class World {
 public:
  World(std::uint64_t seed, std::size_t runs, bool traced)
      : runs_(runs),
        chance_(seed * 11 + 3),
        places_(runs < 2 * kPipelines || chance_.chance(0.7) ? 100 : 6),
        world_(seed, [this](const json& pod) { return script_of(pod); }),
        audit_(world_, storage_, places_),
        approvers_(world_, seed * 17 + 5),
        poison_(world_) {
    if (!traced) world_.network.set_trace({});
    world_.model.on_change([this](const Change& change) { count_waits(change); });
    make_approval_policy(world_);
    make_platform(world_, static_cast<int>(places_));
    SimRandom shapes{seed};
    for (std::size_t i = 0; i < kPipelines; ++i) {
      make_pipeline(world_, pipeline_name(i), mixed_pipeline(shapes, kWorkspace.name));
    }
  }

  // One run of each pipeline, and no faults: how they end.
  std::map<std::string, json> reference() {
    while (made_ < kPipelines) make_next();
    world_.start_operator();
    std::map<std::string, json> out;
    if (!ends()) {
      find("without any fault the runs do not end");
      return out;
    }
    for (const Object& run : world_.all("pipelineruns")) {
      audit_.check_status(*run, false);
      out[(*run)["spec"]["pipeline"]["name"]] = essence(*run);
    }
    return out;
  }

  void play(std::uint64_t seed, const std::map<std::string, json>& reference) {
    world_.start_operator();
    while (made_ < runs_ / 2) make_next();
    const std::size_t load = std::min(places_, runs_ / 2) / 2;
    if (!world_.run_until([&] { return audit_.runs_at_work() >= load; }, Millis{60'000})) {
      find("the load before the faults was too low to mean anything: " + std::to_string(audit_.runs_at_work()) +
           " runs at work");
    }
    world_.run_for(chance_.between(Millis{0}, Millis{4'000}));
    Faults faults{world_, seed * 13 + 7, [this](SimRandom& chance) { bother(chance); }};
    faults.begin();
    const bool namespace_ends = seed % 8 == 3;
    world_.run_for(namespace_ends ? chance_.between(Millis{100}, kFaults) : kFaults);
    if (namespace_ends) return check_end_of_namespace(faults);
    faults.end();
    poison_.remove();
    while (made_ < runs_) make_next();
    if (!ends()) find("a run does not end");
    world_.run_for(kSettles);
    check_runs(reference);
    audit_.check_pods();
    if (world_.network.requests() > most_requests(faults.count())) find("a storm of requests");
    check_rest();
    if (seed % 4 == 0) check_deletion();
    tally_.faults = faults.count();
  }

  Verdict verdict(bool traced) {
    tally_.runs = made_;
    tally_.worlds = 1;
    tally_.attempts = audit_.attempts();
    tally_.writes = world_.network.writes();
    tally_.poisoned_pods = poison_.pods();
    tally_.poisoned_runs = poison_.runs();
    findings_.insert(findings_.end(), audit_.findings().begin(), audit_.findings().end());
    return {tally_, findings_, traced ? world_.trace(10'000) : ""};
  }

 private:
  void find(const std::string& what) {
    world_.note("== FOUND: " + what);
    findings_.push_back(what);
  }

  Script script_of(const json& pod) {
    if (is_poisoned(pod["metadata"]["name"].get<std::string>())) return {};
    const std::string component = pod["metadata"]["labels"].value(render::kComponent, "");
    if (component == render::kPublish) return storage_.publish(pod);
    if (component != render::kTask) return {};
    const std::string work = script_of_task(pod, 0).work;
    return script_of_task(pod, audit_.failures(work));
  }

  void make_next() {
    world_.create({{"apiVersion", "atelier.dev/v1alpha1"},
                   {"kind", "PipelineRun"},
                   {"metadata", {{"name", "run-" + std::to_string(made_)}, {"namespace", kRunKey.ns}}},
                   {"spec", {{"pipeline", {{"name", pipeline_name(made_)}}}, {"author", "alice"}}}});
    ++made_;
  }

  // Runs come, are cancelled and deleted, images change, Pipelines and their Workspace are deleted and made again, and
  // somebody forges what the operator writes.
  void bother(SimRandom& chance) {
    if (tally_.ended_namespaces > 0) return;
    for (std::size_t i = 0; i < 2 && made_ < runs_; ++i) {
      if (chance.chance(static_cast<double>(runs_) / 300.0)) make_next();
    }
    if (chance.chance(0.05) && !world_.find("workspaces", kWorkspace).is_null()) {
      image_ = (image_ + 1) % kImages;
      world_.model.patch(kind_of("workspaces"), kWorkspace, PatchKind::merge,
                         {{"spec", {{"image", {{"tag", "1." + std::to_string(image_)}}}}}});
    }
    if (chance.chance(0.03)) {
      remake("pipelines", {kRunKey.ns, pipeline_name(chance.next())}, chance.between(Millis{100}, Millis{8'000}));
    }
    if (chance.chance(0.01)) remake("workspaces", kWorkspace, chance.between(Millis{100}, Millis{20'000}));
    if (chance.chance(0.05)) {
      const json run = world_.find("pipelineruns", {kRunKey.ns, "run-" + std::to_string(chance.next() % made_)});
      if (!run.is_null()) poison_.add(chance, run);
    }
    if (!chance.chance(0.06)) return;
    const ObjectKey key{kRunKey.ns, "run-" + std::to_string(chance.next() % made_)};
    const json run = world_.find("pipelineruns", key);
    if (run.is_null() || is_over(phase_of(world_, key.name))) return;
    if (chance.chance(0.5)) {
      world_.note("== cancelled: " + key.name);
      cancelled_.insert(key.name);
      const json cancel = {{"reason", "enough"}, {"finally", chance.chance(0.5)}};
      world_.model.patch(kind_of("pipelineruns"), key, PatchKind::merge, {{"spec", {{"cancel", cancel}}}});
    } else {
      world_.note("== deleted: " + key.name);
      world_.model.remove(kind_of("pipelineruns"), key, {});
    }
  }

  // Deletes it, and makes it again a while later: of the same name, and another object.
  void remake(const char* plural, const ObjectKey& key, Millis later) {
    const json was = world_.find(plural, key);
    if (was.is_null()) return;  // it is being made again
    world_.note("== deleted, to be made again: " + key.name);
    world_.model.remove(kind_of(plural), key, {});
    remade_.push_back(world_.loop.after(later, [this, was, key] {
      if (tally_.ended_namespaces > 0) return;
      world_.note("== made again: " + key.name);
      const json metadata = {{"name", key.name}, {"namespace", key.ns}};
      world_.create(
          {{"apiVersion", was["apiVersion"]}, {"kind", was["kind"]}, {"metadata", metadata}, {"spec", was["spec"]}});
    }));
  }

  std::string wanted_release() const { return release_of_image("registry/ws-1:1." + std::to_string(image_)); }
  std::string released() const {
    const json workspace = world_.find("workspaces", kWorkspace);
    return workspace.is_null() ? "" : workspace.value(json::json_pointer("/status/release/id"), "");
  }

  bool ends() {
    return world_.run_until(
        [this] {
          if (audit_.runs_at_work() > 0 || !is_published(world_) || released() != wanted_release()) return false;
          for (const Object& run : world_.all("pipelineruns")) {
            if (!is_over(run->value(json::json_pointer("/status/phase"), ""))) return false;
          }
          return true;
        },
        kLongest);
  }

  // Each run, attempt and fault takes a few.
  std::size_t most_requests(std::size_t faults) const { return 20 * (runs_ + audit_.attempts() + faults) + 500; }

  void check_runs(const std::map<std::string, json>& reference) {
    for (const Object& object : world_.all("pipelineruns")) {
      const json& run = *object;
      const std::string name = run["metadata"]["name"].get<std::string>();
      const bool cancelled = cancelled_.contains(name);
      if (!is_over(phase_of(world_, name))) {
        find(name + " is not over");
        continue;
      }
      audit_.check_status(run, cancelled);
      count_kinds(run);
      if (cancelled) continue;
      const json& expected = reference.at(run["spec"]["pipeline"]["name"].get<std::string>());
      const json actual = essence(run);
      if (actual != expected) {
        find(name + " of " + run["spec"]["pipeline"]["name"].get<std::string>() +
             " did not end as without faults: " + json::diff(expected, actual).dump());
      }
    }
    if (released() != wanted_release() || storage_.live() != wanted_release()) {
      find("the live release is " + storage_.live() + ", status says " + released() + ", the image's is " +
           wanted_release());
    }
    if (!is_published(world_)) find("the workspace is not ready");
    const json workspace = world_.find("workspaces", kWorkspace);
    if (!workspace.value(json::json_pointer("/status/places"), json::array()).empty())
      find("a place is not free again");
  }

  void count_kinds(const json& run) {
    for (const json& row : run["status"].value("tasks", json::array())) {
      const std::string reason = row.value("reason", "");
      tally_.approved += reason == "Approved" ? 1U : 0U;
      tally_.rejected += reason == "Rejected" ? 1U : 0U;
      tally_.unanswered += reason == "ApprovalTimedOut" ? 1U : 0U;
    }
  }

  void count_waits(const Change& change) {
    if (change.after == nullptr) return;
    const bool results = change.key.name.find("-results-") != std::string::npos;
    if (change.kind->plural == "controllerrevisions" && results) {  // made or joined
      const json& data = change.after->at("data");
      const auto text = reconcile::stored_text(*change.after, data.value("sha256", ""));
      ++(text && !engine::read_page(text.value()).empty() ? tally_.pages : tally_.large_results);
    }
    if (change.kind->plural != "pipelineruns") return;
    const bool waits = change.after->value(json::json_pointer("/status/conditions/0/reason"), "") == "WaitsForPlace";
    if (places_ < 100 && waits && waited_.insert(change.key.name).second) ++tally_.waits_for_place;
  }

  void check_rest() {
    world_.run_for(kCounts);
    const std::size_t writes = world_.network.writes();
    const std::size_t reads = world_.network.reads();
    world_.run_for(kRest);
    if (world_.network.writes() > writes) find("writes although nothing happens");
    if (world_.network.reads() > reads) find("reads although nothing happens");
  }

  // In the middle of faults, which go on; the domain and its storage are in another namespace.
  void check_end_of_namespace(Faults& faults) {
    ++tally_.ended_namespaces;
    world_.note("== the namespace ends");
    world_.model.end_namespace(kRunKey.ns);
    world_.run_for(Millis{20'000});
    faults.end();
    tally_.faults = faults.count();
    world_.run_for(kSettles);
    for (const std::string& left : world_.model.in_namespace(kRunKey.ns)) find("its namespace ended, not so " + left);
    if (audit_.runs_at_work() > 0) find("runs are at work in a namespace that ended");
    check_rest();
  }

  void check_deletion() {
    for (const char* plural : {"pipelineruns", "pipelines", "workspaces", "datadomains", "businessdomains"}) {
      for (const Object& object : world_.all(plural)) {
        const json& metadata = (*object)["metadata"];
        world_.model.remove(kind_of(plural), {metadata.value("namespace", ""), metadata["name"].get<std::string>()},
                            {});
      }
    }
    world_.run_for(kSettles);
    for (const char* plural : {"pipelineruns", "pipelines", "workspaces", "datadomains", "businessdomains", "pods",
                               "deployments", "controllerrevisions", "configmaps"}) {
      if (!world_.all(plural).empty()) find(std::string("what is deleted never goes: ") + plural);
    }
  }

  std::size_t runs_;
  SimRandom chance_;
  std::size_t places_;
  Storage storage_;
  SimWorld world_;
  Audit audit_;
  Approvers approvers_;
  Poison poison_;
  std::size_t made_ = 0;
  std::size_t image_ = 0;
  std::set<std::string> cancelled_;
  std::set<std::string> waited_;
  std::vector<std::unique_ptr<Timer>> remade_;
  Tally tally_;
  std::vector<std::string> findings_;
};

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  runs += other.runs;
  worlds += other.worlds;
  attempts += other.attempts;
  writes += other.writes;
  faults += other.faults;
  approved += other.approved;
  rejected += other.rejected;
  unanswered += other.unanswered;
  large_results += other.large_results;
  pages += other.pages;
  waits_for_place += other.waits_for_place;
  poisoned_pods += other.poisoned_pods;
  poisoned_runs += other.poisoned_runs;
  ended_namespaces += other.ended_namespaces;
  return *this;
}

Verdict play_world(std::uint64_t seed, std::size_t runs, bool traced) {
  World calm{seed, kPipelines, traced};
  const std::map<std::string, json> reference = calm.reference();
  Verdict sound = calm.verdict(traced);
  if (!sound.findings.empty()) return sound;
  World world{seed, runs, traced};
  world.play(seed, reference);
  return world.verdict(traced);
}

}  // namespace atelier::sim
