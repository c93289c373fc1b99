#include "sim/control_story.h"

#include <algorithm>
#include <memory>

#include "reconcile/approval_policy.h"
#include "reconcile/approval_policy_spec.h"
#include "render/labels.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

const ObjectKey kRetry{kRunKey.ns, "retry-1"};

// Does one thing after the other, each when the run is so far.
class Person {
 public:
  struct Step {
    std::function<bool(const json& run)> when;
    std::function<void()> act;
  };

  Person(SimWorld& world, ObjectKey run, std::vector<Step> steps)
      : world_(world), run_(std::move(run)), steps_(std::move(steps)) {}

  void heard(const Change& change) {
    if (at_ == steps_.size() || (change.kind->plural != "pipelineruns" && change.kind->plural != "pods")) return;
    const json run = world_.find("pipelineruns", run_);
    if (!run.is_null() && steps_[at_].when(run)) world_.loop.post(steps_[at_++].act);
  }

 private:
  SimWorld& world_;
  ObjectKey run_;
  std::vector<Step> steps_;
  std::size_t at_ = 0;
};

json row_of(const json& run, const std::string& task) {
  for (const json& row : run.value(json::json_pointer("/status/tasks"), json::array())) {
    if (row["name"] == task) return row;
  }
  return json::object();
}

std::function<bool(const json&)> when(const char* task, const char* field, const std::string& text) {
  return [=](const json& run) { return row_of(run, task).value(field, "").starts_with(text); };
}

void make_object(SimWorld& world, const char* api, const char* kind, json metadata, json spec) {
  world.create({{"apiVersion", api}, {"kind", kind}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}});
}

// Of `former`, as the field of the spec says: retryOf or rerunOf.
void make_again(SimWorld& world, const ObjectKey& run, const char* field, const ObjectKey& former,
                const std::string& pipeline, json more = json::object()) {
  const json before = world.find("pipelineruns", former);
  more["pipeline"] = {{"name", pipeline}};
  more[field] = {{"name", former.name}, {"uid", before["metadata"]["uid"]}};
  make_object(world, "atelier.dev/v1alpha1", "PipelineRun", {{"name", run.name}, {"namespace", run.ns}},
              std::move(more));
}

// Some run so long that there is time for two operators to notice.
Script controlled_script(const json& pod) {
  Script out = platform_script(pod);
  const std::string task = pod["metadata"]["labels"].value(render::kTaskName, "");
  if (task == "load") out.runs = Millis{120'000};
  if (task == "ship") out.runs = Millis{600'000};
  return out;
}

// Three of them are more than a status has room for.
std::string text_of_part(const std::string& item) { return item + std::string(3'400, 'x'); }

Script again_script(const json& pod) {
  Script out = platform_script(pod);
  const json& labels = pod["metadata"]["labels"];
  const std::string task = labels.value(render::kTaskName, "");
  if (task == "fetch") out.message = R"({"rows": 42})";
  if (task == "files") out.results = R"({"files": ["x", "y"]})";
  if (labels.contains(render::kItem)) out.work += "/" + labels[render::kItem].get<std::string>();
  if (task == "parts") out.message = json{{"text", text_of_part(labels.value(render::kItem, ""))}}.dump();
  if (task != "load") return out;
  const std::string run = labels.value(render::kRun, "");
  const json parts = {text_of_part("0"), text_of_part("1"), text_of_part("2")};
  const json told = {run == "rerun-1" ? "elsewhere" : "there", "42", R"(["x","y"])", parts.dump()};
  if (run == kRunKey.name || pod["spec"]["containers"][0]["args"] != told) out.exit_code = 3;
  return out;
}

}  // namespace

void make_approval_policy(SimWorld& world) {
  const char* const api = "admissionregistration.k8s.io/v1";
  const json metadata = {{"name", reconcile::kApprovalPolicy}};
  make_object(world, api, "ValidatingAdmissionPolicy", metadata, json::parse(reconcile::kApprovalPolicySpec));
  make_object(world, api, "ValidatingAdmissionPolicyBinding", metadata, json::parse(reconcile::kApprovalBindingSpec));
  world.run_for(reconcile::kPolicySettles + std::chrono::seconds{5});
}

void give_approval(SimWorld& world, const std::string& run, const std::string& task, const std::string& user,
                   const std::string& decision) {
  const json uid = world.find("pipelineruns", {kRunKey.ns, run})["metadata"]["uid"];
  make_object(world, "atelier.dev/v1alpha1", "Approval",
              {{"name", run + "-" + task + "-" + user}, {"namespace", kRunKey.ns}},
              {{"run", {{"name", run}, {"uid", uid}}}, {"task", task}, {"decision", decision}, {"user", user}});
}

Story controlled_run() {
  const auto begin = [](SimWorld& world) {
    make_platform(world);
    make_approval_policy(world);
    make_pipeline(world, "controlled",
                  {{"workspace", {{"name", kWorkspace.name}}},
                   {"tasks",
                    {{{"name", "load"}, {"command", {"run"}}},
                     {{"name", "audit"}, {"command", {"run"}}, {"dependsOn", {"load"}}},
                     {{"name", "release"}, {"approval", {{"count", 2}}}, {"dependsOn", {"load"}}},
                     {{"name", "ship"}, {"command", {"run"}}, {"dependsOn", {"release"}}},
                     {{"name", "note"}, {"command", {"run"}}, {"dependsOn", {"ship"}}}}},
                   {"finally", {{{"name", "report"}, {"command", {"run"}}}}}});
    make_object(world, "atelier.dev/v1alpha1", "PipelineRun", {{"name", kRunKey.name}, {"namespace", kRunKey.ns}},
                {{"pipeline", {{"name", "controlled"}}}, {"author", "alice"}});
    const auto say = [&world](json spec) {
      return [&world, spec = std::move(spec)] {
        world.model.patch(kind_of("pipelineruns"), kRunKey, PatchKind::merge, {{"spec", spec}});
      };
    };
    // Status says Running of a pod that was made and has not started.
    const auto ships = [&world](const json&) {
      const std::vector<Object> pods = world.all("pods");
      return std::any_of(pods.begin(), pods.end(), [](const Object& pod) {
        return (*pod)["metadata"]["labels"].value(render::kTaskName, "") == "ship" &&
               (*pod)["status"]["phase"] == "Running";
      });
    };
    const auto approve = [&world](const char* user) {
      return [&world, user] { give_approval(world, kRunKey.name, "release", user); };
    };
    const auto person = std::make_shared<Person>(
        world, kRunKey,
        std::vector<Person::Step>{
            {when("load", "state", "Running"), say({{"suspend", true}})},
            {when("load", "state", "Succeeded"), say({{"skip", {"audit"}}})},
            {[](const json& run) { return run["spec"].contains("skip"); }, say({{"suspend", false}})},
            {when("release", "message", "0 of 2 approvals"), approve("bob")},
            {when("release", "message", "1 of 2 approvals: bob"), approve("carol")},
            {ships, say({{"cancel", {{"reason", "enough"}}}})}});
    world.model.on_change([person](const Change& change) { person->heard(change); });
  };
  return {begin, controlled_script};
}

Story run_again() {
  const auto begin = [](SimWorld& world) {
    make_platform(world);
    make_pipeline(world, "again",
                  {{"workspace", {{"name", kWorkspace.name}}},
                   {"params", {{{"name", "target"}, {"default", "here"}}}},
                   {"tasks",
                    {{{"name", "fetch"}, {"command", {"run"}}, {"results", {{{"name", "rows"}}}}},
                     {{"name", "files"},
                      {"command", {"run"}},
                      {"dependsOn", {"fetch"}},
                      {"results", {{{"name", "files"}, {"type", "list"}}}},
                      {"largeResults", true}},
                     {{"name", "parts"},
                      {"command", {"run"}},
                      {"forEach", {{"items", {"a", "b", "c"}}}},
                      {"results", {{{"name", "text"}}}}},
                     {{"name", "load"},
                      {"command", {"run"}},
                      {"dependsOn", {"files", "parts"}},
                      {"args",
                       {"${params.target}", "${tasks.fetch.results.rows}", "${tasks.files.results.files}",
                        "${tasks.parts.results.text}"}}}}}});
    make_run(world, kRunKey.name, {{"target", "there"}}, "again");
    make_again(world, kRetry, "retryOf", kRunKey, "again");
    make_again(world, {kRunKey.ns, "rerun-1"}, "rerunOf", kRetry, "again", {{"params", {{"target", "elsewhere"}}}});
    const auto person = std::make_shared<Person>(
        world, kRetry,
        std::vector<Person::Step>{{[](const json& run) { return run.contains(json::json_pointer("/status/pin")); },
                                   [&world] { world.model.remove(kind_of("pipelineruns"), kRunKey, {}); }}});
    world.model.on_change([person](const Change& change) { person->heard(change); });
  };
  return {begin, again_script, {kRetry.name, "rerun-1"}};
}

std::vector<std::string> ends_of(const json& status) {
  std::vector<std::string> out;
  for (const json& row : status.value("tasks", json::array())) {
    out.push_back(row.value("name", "") + " " + row.value("state", "") + " " + row.value("reason", ""));
  }
  return out;
}

}  // namespace atelier::sim
