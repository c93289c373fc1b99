// The reconciler of runs over a world, with the API server's answers.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reconcile/run_reconciler.h"
#include "render/labels.h"
#include "support/fake_loop.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile::testing {

inline const ObjectKey kRun{"team-a", "run-1"};

inline std::vector<std::string> ids(const kube::Plan& plan) {
  std::vector<std::string> out;
  for (const kube::Write& write : plan.writes) out.push_back(write.id);
  return out;
}

inline json body(const kube::Plan& plan, std::size_t index) { return json::parse(plan.writes.at(index).request.body); }

struct Runs : RunWorld {
  // Writes the plan's revision, mark and pin into the world, as the API server would.
  void started() {
    const kube::Plan plan = reconcile();
    for (const kube::Write& write : plan.writes) {
      if (write.resource_plural != "controllerrevisions") continue;
      revision = json::parse(write.request.body);
      revision["metadata"]["uid"] = "rev-uid";
      add(world.revisions, revision);
    }
    run["metadata"]["annotations"][render::kStarted] = "run-uid";
    add(world.runs, run);
    const kube::Write pin = reconcile().writes.at(0);
    run["status"] = json::parse(pin.request.body)["status"];
    add(world.runs, run);
    answers.emplace(pin.id, answer_to(pin));
  }
  json pod(const std::string& name, const std::string& run_uid) {
    json made = json::parse(R"({"metadata": {"namespace": "team-a", "finalizers": ["atelier.dev/result"]},
                                "status": {"phase": "Pending"}})");
    made["metadata"]["name"] = name;
    made["metadata"]["uid"] = name + "-uid";
    made["metadata"]["labels"] = {{render::kComponent, render::kTask},
                                  {render::kRun, "run-1"},
                                  {render::kRunUid, run_uid},
                                  {render::kTaskName, "a"},
                                  {render::kAttempt, "1"}};
    return made;
  }
  // With live reads answered by what the caches hold, as in a cluster at rest, and left out.
  kube::Plan reconcile(int at = 1) { return reconcile(kube::Feedback{}, at); }
  kube::Plan reconcile(const std::string& id, Result<json> answer, int at = 1) {
    kube::Feedback feedback;
    feedback.results.emplace(id, std::move(answer));
    return reconcile(std::move(feedback), at);
  }
  kube::Plan reconcile(kube::Feedback feedback, int at) {
    feedback.results.merge(std::exchange(answers, {}));
    kube::Plan plan = reconciler.reconcile(kRun, feedback, second(at));
    const auto is_read = [](const kube::Write& write) { return write.id.starts_with("read "); };
    for (const kube::Write& write : plan.writes) {
      if (is_read(write)) answers.emplace(write.id, answer_to(write));
    }
    const bool only_reads = !answers.empty() && answers.size() == plan.writes.size();
    if (only_reads) return reconcile(kube::Feedback{}, at);
    std::erase_if(plan.writes, is_read);
    return plan;
  }
  Result<json> answer_to(const kube::Write& write) {
    for (const kube::Cache* cache : world.caches()) {
      if (cache->plural() != write.resource_plural) continue;
      if (const auto found = cache->version_of(write.key)) return json{{"metadata", {{"resourceVersion", *found}}}};
    }
    return Error{Errc::not_found, "not there"};
  }

  json revision;
  std::map<std::string, Result<json>> answers;  // that the next plan is made with
  atelier::testing::FakeLoop loop;
  LateCreates late{loop};
  RunReconciler reconciler{world, late, "stage:1"};
};

}  // namespace atelier::reconcile::testing
