#include "reconcile/workspace_reconciler.h"

#include <gtest/gtest.h>

#include <optional>

#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

const ObjectKey kWorkspace{"team-a", "ws"};

// An admitted workspace that is yet to be published; statuses are written into the cache as the API server would.
struct Workspaces : testing::RunWorld {
  Workspaces() {
    add(world.domains, json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}},
      "status": {"claims": [{"name": "ws", "namespace": "team-a", "uid": "ws-uid"}],
                 "conditions": [{"type": "Ready", "status": "True", "reason": "Admitted", "message": "",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})"));
    workspace["metadata"]["generation"] = 1;
    workspace.erase("status");
    add(world.workspaces, workspace);
  }

  // The plan at that second, after all its other writes have been done; `refused` is the one that was not.
  kube::Plan reconcile(int at, const std::string& refused = "", const std::string& words = "exceeded quota: pods") {
    kube::Feedback feedback;
    if (!refused.empty()) feedback.results.emplace(refused, Error{Errc::forbidden, words});
    kube::Plan plan = apply(reconciler->reconcile(kWorkspace, feedback, second(at)));
    if (plan.writes.empty() || plan.writes.back().id != "look at claim bd01/storage") return plan;
    kube::Feedback seen;
    seen.results.emplace("look at claim bd01/storage", json{{"spec", {{"accessModes", {"ReadWriteMany"}}}}});
    kube::Plan then = apply(reconciler->reconcile(kWorkspace, seen, second(at)));
    plan.writes.pop_back();
    for (kube::Write& write : then.writes) plan.writes.push_back(std::move(write));
    return plan;
  }

  kube::Plan apply(kube::Plan plan) {
    for (const kube::Write& write : plan.writes) {
      if (write.id == "write status") workspace.merge_patch({{"status", json::parse(write.request.body)["status"]}});
    }
    add(world.workspaces, workspace);
    return plan;
  }

  std::string create() const { return "create pod " + render::publish_pod_name(kWorkspace); }

  json condition(const std::string& type) const {
    for (const json& one : workspace["status"]["conditions"]) {
      if (one["type"] == type) return one;
    }
    return {};
  }

  std::optional<WorkspaceReconciler> reconciler{std::in_place, world, "stage:1"};
};

bool writes(const kube::Plan& plan, const std::string& id) {
  for (const kube::Write& write : plan.writes) {
    if (write.id == id) return true;
  }
  return false;
}

TEST(WorkspaceReconciler, TellsThatItsPodIsRefusedOnceAndTriesAgainEverMoreSeldom) {
  Workspaces world;
  EXPECT_TRUE(writes(world.reconcile(0), world.create()));
  const kube::Plan told = world.reconcile(0, world.create());
  EXPECT_FALSE(writes(told, world.create()));
  EXPECT_EQ(world.condition("Ready")["reason"], "PodRefused");
  const auto message = world.condition("Ready")["message"].get<std::string>();
  EXPECT_NE(message.find("exceeded quota: pods"), std::string::npos);
  EXPECT_NE(message.find("\"bd01\""), std::string::npos) << "where to mend it";
  ASSERT_EQ(told.events.size(), 1U);

  const kube::Plan waits = world.reconcile(1);
  EXPECT_TRUE(waits.writes.empty());
  EXPECT_EQ(waits.requeue_after, Millis{9'001});
  EXPECT_TRUE(writes(world.reconcile(10), world.create()));
  const kube::Plan again = world.reconcile(10, world.create());
  EXPECT_TRUE(again.writes.empty() && again.events.empty());
  EXPECT_EQ(again.requeue_after, Millis{20'001});
  for (int times = 0; times < 9; ++times) world.reconcile(100, world.create());
  EXPECT_EQ(world.reconcile(100).requeue_after, Millis{300'001});
}

TEST(WorkspaceReconciler, TriesAnotherPodAtOnce) {
  Workspaces world;
  world.reconcile(0);
  world.reconcile(0, world.create());
  world.workspace["spec"]["image"]["tag"] = "2";
  world.add(world.world.workspaces, world.workspace);
  EXPECT_TRUE(writes(world.reconcile(1), world.create()));
}

TEST(WorkspaceReconciler, GoesOnSayingSoInANewProcessUntilItKnowsBetter) {
  Workspaces world;
  world.reconcile(0);
  world.reconcile(0, world.create());
  world.reconciler.emplace(world.world, "stage:1");
  const kube::Plan first = world.reconcile(1);
  EXPECT_TRUE(writes(first, world.create()));
  EXPECT_EQ(world.condition("Ready")["reason"], "PodRefused");
  EXPECT_TRUE(world.reconcile(1, world.create()).events.empty());
}

TEST(WorkspaceReconciler, TellsThatTheDeploymentIsRefusedOnce) {
  Workspaces world;
  world.reconcile(0);
  world.workspace["spec"]["containers"] = json::parse(R"([{"name": "main"}])");
  world.workspace["status"]["release"] = {{"id", "rel-1"}, {"imageDigest", "r/ws@sha256:1"}};
  world.add(world.world.workspaces, world.workspace);
  EXPECT_TRUE(writes(world.reconcile(0), "apply deployment"));
  const kube::Plan told = world.reconcile(0, "apply deployment", "violates PodSecurity");
  EXPECT_FALSE(writes(told, "apply deployment"));
  EXPECT_EQ(world.condition("ContainersAvailable")["reason"], "DeploymentRefused");
  EXPECT_NE(world.condition("ContainersAvailable")["message"].dump().find("violates PodSecurity"), std::string::npos);
  ASSERT_EQ(told.events.size(), 1U);
  EXPECT_EQ(told.events[0].reason, "DeploymentRefused");
  EXPECT_TRUE(writes(world.reconcile(10), "apply deployment"));
  EXPECT_TRUE(world.reconcile(10, "apply deployment", "violates PodSecurity").events.empty());
}

TEST(WorkspaceReconciler, SaysNothingOfAnAnswerThatIsNoRefusal) {
  Workspaces world;
  world.reconcile(0);
  kube::Feedback feedback;
  feedback.results.emplace(world.create(), Error{Errc::transport, "no answer"});
  const kube::Plan plan = world.reconciler->reconcile(kWorkspace, feedback, second(1));
  EXPECT_TRUE(writes(plan, "look at claim bd01/storage")) << "it is made again after that";
  EXPECT_TRUE(plan.events.empty());
}

TEST(WorkspaceReconciler, MakesItsPodForTheNodeThatHasTheStorage) {
  Workspaces world;
  kube::Plan plan = world.apply(world.reconciler->reconcile(kWorkspace, {}, second(0)));
  EXPECT_FALSE(writes(plan, world.create())) << "nothing is known of the storage yet";
  kube::Feedback feedback;
  feedback.results.emplace("look for the pods of claim bd01/storage", json::parse(R"({"items": [
    {"spec": {"nodeName": "n7", "volumes": [{"persistentVolumeClaim": {"claimName": "storage"}}]}}]})"));
  plan = world.apply(world.reconciler->reconcile(kWorkspace, feedback, second(0)));
  ASSERT_TRUE(writes(plan, world.create()));
  EXPECT_NE(plan.writes.back().request.body.find(R"("values":["n7"])"), std::string::npos);
}

TEST(WorkspaceReconciler, TellsWhatOnlyEventsSayOfAPodThatIsNotStarted) {
  Workspaces world;
  const kube::Plan made = world.reconcile(0);
  ASSERT_TRUE(writes(made, world.create()));
  json pod = json::parse(made.writes.back().request.body);
  pod["metadata"]["uid"] = "pod-uid";
  pod["metadata"]["creationTimestamp"] = "1970-01-01T00:00:00Z";
  pod["status"] = {{"phase", "Pending"}};
  world.add(world.world.pods, pod);
  const std::string ask = "list events of pod " + render::publish_pod_name(kWorkspace);
  world.reconcile(1);
  const kube::Plan waits = world.reconcile(9);
  EXPECT_FALSE(writes(waits, ask));
  EXPECT_LE(waits.requeue_after.value_or(Millis::max()), Millis{1'001});
  EXPECT_TRUE(writes(world.reconcile(10), ask));
  kube::Feedback feedback;
  feedback.results.emplace(ask, json::parse(R"({"items": [{"type": "Warning", "reason": "FailedMount",
    "message": "mount.nfs: access denied", "lastTimestamp": "2026-01-01T00:00:00Z"}]})"));
  const kube::Plan told = world.apply(world.reconciler->reconcile(kWorkspace, feedback, second(11)));
  EXPECT_EQ(world.condition("Ready")["reason"], "PublishNotStarted");
  EXPECT_EQ(world.condition("Ready")["message"], "the publish pod bd01/" + render::publish_pod_name(kWorkspace) +
                                                     " is not started: FailedMount: mount.nfs: access denied");
  ASSERT_EQ(told.events.size(), 1U);
  EXPECT_EQ(told.events[0].reason, "PublishNotStarted");

  pod["status"]["initContainerStatuses"] =
      json::parse(R"([{"name": "step-stage", "state": {"running": {"startedAt": "1970-01-01T00:00:20Z"}}}])");
  world.add(world.world.pods, pod);
  EXPECT_FALSE(writes(world.reconcile(30), ask)) << "it has begun";
  EXPECT_EQ(world.condition("Ready")["reason"], "Publishing");
}

}  // namespace
}  // namespace atelier::reconcile
