#include "sim/campaign/approvers.h"

#include "sim/control_story.h"

namespace atelier::sim {

using nlohmann::json;

Approvers::Approvers(SimWorld& world, std::uint64_t seed) : world_(world), chance_(seed) {
  world_.model.on_change([this](const Change& change) { heard(change); });
}

void Approvers::heard(const Change& change) {
  if (change.kind->plural != "pipelineruns" || change.after == nullptr) return;
  const json& run = *change.after;
  const json tasks = run.value(json::json_pointer("/status/tasks"), json::array());
  if (!tasks.is_array()) return;
  for (const json& row : tasks) {
    const std::string task = row.value("name", "");
    if (row.value("reason", "") != "WaitsForApproval" || (task != "approve" && task != "reject")) continue;
    const std::string uid = run["metadata"]["uid"].get<std::string>();
    if (!asked_.insert(uid + task).second) continue;
    answers_.push_back(world_.loop.after(chance_.between(Millis{1}, Millis{6'000}),
                                         [this, name = change.key.name, uid, task] { say(name, uid, task); }));
  }
}

void Approvers::say(const std::string& run, const std::string& uid, const std::string& task) {
  const json found = world_.find("pipelineruns", {kRunKey.ns, run});
  if (found.is_null() || found["metadata"]["uid"] != uid) return;
  give_approval(world_, run, task, "bob", task == "approve" ? "Approve" : "Reject");
}

}  // namespace atelier::sim
