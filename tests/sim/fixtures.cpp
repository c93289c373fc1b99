#include "sim/fixtures.h"

#include <algorithm>

#include "render/labels.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr const char* kApi = "atelier.dev/v1alpha1";

json object(const char* kind, const std::string& ns, const std::string& name, json spec) {
  json metadata = {{"name", name}};
  if (!ns.empty()) metadata["namespace"] = ns;
  return {{"apiVersion", kApi}, {"kind", kind}, {"metadata", std::move(metadata)}, {"spec", std::move(spec)}};
}

json task(const std::string& name, std::vector<std::string> after, json more = json::object()) {
  json out = {{"name", name}, {"command", {"run", name}}};
  if (!after.empty()) out["dependsOn"] = std::move(after);
  out.update(more);
  return out;
}

void drop(json& value) {
  if (value.is_array()) {
    for (json& one : value) drop(one);
  }
  if (!value.is_object()) return;
  for (const char* key : {"startTime", "completionTime", "lastTransitionTime", "time", "state"}) {
    const auto at = value.find(key);
    const bool ledger = std::string_view(key) == "state" && !value.contains("counts");
    if (at != value.end() && !ledger) value.erase(at);
  }
  for (auto& [key, one] : value.items()) drop(one);
}

}  // namespace

void make_platform(SimWorld& world, int parallel) {
  world.create(object("BusinessDomain", "", "retail",
                      {{"namespaces", {"bd01", "team-a"}},
                       {"defaultProfile", "crowd"},
                       {"profiles", json::array({{{"name", "crowd"},
                                                  {"maxMemoryMB", 1024},
                                                  {"duckdbMemoryMB", 2048},
                                                  {"chunkSizeRows", 10000},
                                                  {"maxParallelPipelines", parallel}}})}}));
  world.create(object("DataDomain", "bd01", "dd01",
                      {{"key", "dd01"},
                       {"businessDomain", {{"name", "retail"}}},
                       {"storage", {{"claimName", "storage"}, {"owner", {{"uid", 50000}, {"gid", 50000}}}}},
                       {"workspaceNamespaces", {"team-a"}}}));
  world.create(object("Workspace", kWorkspace.ns, kWorkspace.name,
                      {{"dataDomain", {{"name", "dd01"}, {"namespace", "bd01"}}},
                       {"image", {{"repository", "registry/ws-1"}, {"tag", "1.0"}, {"pullPolicy", "IfNotPresent"}}},
                       {"dags", {{"path", "/dags"}, {"include", {"**"}}, {"keepReleases", 5}}},
                       {"containers", {{{"name", "ws-1"}, {"command", {"sleep", "infinity"}}}}},
                       {"runAsUser", 1000}}));
}

void make_diamond(SimWorld& world) {
  const json retry = {{"limit", 2}, {"backoff", {{"initial", "5s"}, {"factor", 2}, {"max", "5m"}}}};
  const json rows = "${tasks.a.results.rows}";
  const json files = {{"results", {{{"name", "files"}, {"type", "list"}}}}, {"largeResults", true}, {"args", {rows}}};
  make_pipeline(world, "diamond",
                {{"workspace", {{"name", kWorkspace.name}}},
                 {"tasks",
                  {task("a", {}, {{"results", {{{"name", "rows"}}}}}), task("b", {"a"}, files),
                   task("c", {"a"}, {{"retry", retry}}), task("d", {"b", "c"}, {{"args", {rows}}}),
                   task("e", {"b", "d"}, {{"args", {"${tasks.b.results.files}"}}})}}});
}

void make_run(SimWorld& world, const std::string& name, const json& params, const std::string& pipeline) {
  world.create(object("PipelineRun", kRunKey.ns, name, {{"pipeline", {{"name", pipeline}}}, {"params", params}}));
}

void make_pipeline(SimWorld& world, const std::string& name, json spec) {
  world.create(object("Pipeline", kRunKey.ns, name, std::move(spec)));
}

std::string phase_of(const SimWorld& world, const std::string& run) {
  const json found = world.find("pipelineruns", {kRunKey.ns, run});
  return found.is_null() ? "" : found.value(json::json_pointer("/status/phase"), "");
}

bool is_over(const std::string& phase) { return phase == "Succeeded" || phase == "Failed" || phase == "Cancelled"; }

bool is_published(const SimWorld& world) {
  const json workspace = world.find("workspaces", kWorkspace);
  return !workspace.is_null() && workspace.value(json::json_pointer("/status/conditions/0/status"), "") == "True";
}

Script platform_script(const json& pod) {
  const json labels = pod["metadata"].value("labels", json::object());
  const std::string component = labels.value(render::kComponent, "");
  if (component == render::kPublish) {
    const json said = {{"outcome", "published"}, {"release", std::string(64, 'a')}, {"files", 3}, {"bytes", 1234}};
    return {Millis{3'000}, 0, said.dump(), "", ""};
  }
  const std::string name = labels.value(render::kTaskName, "");
  const std::string work = labels.value(render::kRunUid, "") + "/" + name;
  if (name == "a") return {Millis{2'000}, 0, R"({"rows": 42})", "", work};
  if (name == "c" && labels.value(render::kAttempt, "") == "1") return {Millis{700}, 3, "the disk was full", "", work};
  if (name == "b") return {Millis{4'000}, 0, "", R"({"files": ["x", "y"]})", work};
  return {Millis{1'000}, 0, "", "", work};
}

json comparable(const json& run) {
  json status = run.value("status", json::object());
  drop(status);
  if (status.contains("tasks")) {
    std::sort(status["tasks"].begin(), status["tasks"].end(),
              [](const json& one, const json& other) { return one["name"] < other["name"]; });
  }
  return status;
}

}  // namespace atelier::sim
