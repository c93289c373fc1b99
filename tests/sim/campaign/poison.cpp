#include "sim/campaign/poison.h"

#include <vector>

#include "render/labels.h"
#include "sim/fixtures.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

const std::string kPrefix = "poisoned-";

json one_of(SimRandom& chance, const std::vector<json>& all) { return all[chance.next() % all.size()]; }

}  // namespace

bool is_poisoned(const std::string& name) { return name.starts_with(kPrefix); }

void Poison::add(SimRandom& chance, const json& run) {
  if (chance.chance(0.5)) {
    add_pod(chance, run);
  } else {
    add_run(chance, run);
  }
}

// As a user can make it who may make pods: it has ended well, or fails, or never starts.
void Poison::add_pod(SimRandom& chance, const json& run) {
  const std::string name = kPrefix + "pod-" + std::to_string(pods_++);
  const json& of = run["metadata"];
  json labels = {{render::kManagedBy, render::kManager},
                 {render::kComponent, one_of(chance, {render::kTask, render::kTask, render::kPublish, "nothing"})},
                 {render::kRun, one_of(chance, {of["name"], of["name"], "nobody"})},
                 {render::kRunUid, one_of(chance, {of["uid"], of["uid"], "", "nobody"})},
                 {render::kTaskName, one_of(chance, {"t0", "t1", "answered", "never", ""})},
                 {render::kAttempt, one_of(chance, {"1", "2", "0", "-1", "x", "99999999999999999999"})}};
  if (chance.chance(0.3)) labels[render::kItem] = one_of(chance, {"0", "1", "-1", "x"});
  json metadata = {{"name", name}, {"namespace", kRunKey.ns}, {"labels", std::move(labels)}};
  if (chance.chance(0.3)) {
    metadata["ownerReferences"] = {{{"apiVersion", "atelier.dev/v1alpha1"},
                                    {"kind", "PipelineRun"},
                                    {"name", of["name"]},
                                    {"uid", of["uid"]},
                                    {"controller", true}}};
  }
  world_.note("== " + name + " is made: " + metadata.dump());
  world_.create({{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata", std::move(metadata)},
                 {"spec", {{"containers", {{{"name", "task"}, {"image", "nothing"}, {"command", {"run"}}}}}}}});
}

// As a user can make it who may write status.
void Poison::add_run(SimRandom& chance, const json& run) {
  const ObjectKey key{kRunKey.ns, kPrefix + "run-" + std::to_string(runs_++)};
  make_run(world_, key.name, json::object(), run["spec"]["pipeline"]["name"].get<std::string>());
  const json own = run.value("status", json::object());
  const json status = one_of(
      chance, {{{"phase", "Sideways"}},
               {{"phase", "Running"}, {"state", "nothing that can be read"}, {"pin", own.value("pin", json::object())}},
               {{"phase", "Running"},
                {"state", own.value("state", "")},
                {"pin", {{"revision", "none"}, {"workspace", "ws-1"}}}},
               {{"counts", {{"total", -1}}}, {"tasks", json::array({{{"name", "t0"}, {"state", "Upwards"}}})}},
               {{"phase", 7}, {"tasks", "none"}},
               own});
  world_.note("== " + key.name + " is made: " + status.dump());
  world_.model.patch(kind_of("pipelineruns"), key, PatchKind::merge, {{"status", status}}, "status");
}

void Poison::remove() {
  for (const char* plural : {"pods", "pipelineruns"}) {
    for (const Object& object : world_.all(plural)) {
      const std::string name = (*object)["metadata"]["name"].get<std::string>();
      if (is_poisoned(name)) world_.model.remove(kind_of(plural), {kRunKey.ns, name}, {});
    }
  }
}

}  // namespace atelier::sim
