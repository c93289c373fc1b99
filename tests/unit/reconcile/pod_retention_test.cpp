#include "reconcile/pod_retention.h"

#include <gtest/gtest.h>

#include "atelier/engine/decide.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

// A run under way, and the pod of its first attempt, which ended at second 10 and is committed.
struct OldPods : testing::RunWorld {
  OldPods() : name(engine::pod_name({"team-a", "run-1"}, Uid{"run-uid"}, {"a", engine::kNoItem, 1})) {
    committed.tasks["a"].state = engine::TaskState::succeeded;
    committed.tasks["a"].attempt = 1;
    commit();
    revision["data"]["pipeline"]["history"]["podAge"] = "5m";
    add(world.revisions, revision);
    pod["metadata"]["name"] = name;
    pod["metadata"]["labels"] = {{render::kComponent, render::kTask},
                                 {render::kRun, "run-1"},
                                 {render::kRunUid, "run-uid"},
                                 {render::kTaskName, "a"},
                                 {render::kAttempt, "1"}};
    seen();
  }
  void commit() {
    run["status"] = {{"phase", "Running"}, {"pin", {{"revision", "rev"}}}, {"state", engine::encode(committed)}};
    add(world.runs, run);
  }
  void seen() { add(world.pods, pod); }
  kube::Plan at(int now) { return reconciler.reconcile({"team-a", pod["metadata"]["name"]}, {}, second(now)); }
  json& container(std::size_t index = 0) { return pod["status"]["containerStatuses"][index]; }

  std::string name;
  engine::Ledger committed;
  json revision = json::parse(R"({"metadata": {"name": "rev", "namespace": "team-a", "uid": "rev-uid"},
    "data": {"pipeline": {"workspace": {"name": "ws"}, "tasks": [{"name": "a"}]}}})");
  json pod =
      json::parse(R"({"metadata": {"namespace": "team-a", "uid": "p", "creationTimestamp": "1970-01-01T00:00:01Z"},
    "status": {"phase": "Succeeded", "containerStatuses": [{"name": "task",
      "state": {"terminated": {"exitCode": 0, "finishedAt": "1970-01-01T00:00:10Z"}}}]}})");
  PodRetention reconciler{world};
};

void expect_left_alone(const kube::Plan& plan) { EXPECT_TRUE(plan.writes.empty()) << plan.writes[0].id; }

TEST(PodRetention, APodGoesPodAgeAfterItsEndAlsoWhileItsRunGoesOn) {
  OldPods pods;
  const kube::Plan early = pods.at(309);
  expect_left_alone(early);
  EXPECT_EQ(early.requeue_after, Millis{1'001});
  const kube::Plan due = pods.at(310);
  ASSERT_EQ(due.writes.size(), 1U);
  EXPECT_EQ(due.writes[0].id, "delete pod " + pods.name);
  EXPECT_EQ(json::parse(due.writes[0].request.body)["preconditions"]["uid"], "p");
}

TEST(PodRetention, APipelineThatSaysNothingKeepsPodsForThreeDays) {
  OldPods pods;
  pods.revision["data"]["pipeline"].erase("history");
  pods.add(pods.world.revisions, pods.revision);
  expect_left_alone(pods.at(10 + 72 * 3'600 - 1));
  EXPECT_EQ(pods.at(10 + 72 * 3'600).writes.size(), 1U);
}

TEST(PodRetention, APodWhoseOutcomeIsNotCommittedStays) {
  OldPods pods;
  pods.pod["metadata"]["finalizers"] = {render::kResultFinalizer};
  pods.seen();
  const kube::Plan plan = pods.at(1'000'000);
  expect_left_alone(plan);
  EXPECT_FALSE(plan.requeue_after) << "its release is a change";
}

// Without a finalizer, as after an uninstall that took it off before the end was committed: once the pod were gone, the
// attempt would count as one that was never started, and be started again.
TEST(PodRetention, AReleasedPodWhoseOutcomeIsNotCommittedStaysUntilItIs) {
  OldPods pods;
  for (const engine::TaskState state : {engine::TaskState::waiting, engine::TaskState::running}) {
    pods.committed.tasks["a"].state = state;
    pods.committed.tasks["a"].attempt = state == engine::TaskState::running ? 1 : 0;
    pods.commit();
    const kube::Plan plan = pods.at(1'000'000);
    expect_left_alone(plan);
    EXPECT_TRUE(plan.requeue_after);
  }
  pods.committed.tasks["a"].attempt = 2;
  pods.commit();
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U) << "the next one runs already";
}

TEST(PodRetention, APodOfARunThatIsOverGoesWhateverItsStateSays) {
  OldPods pods;
  pods.run["status"]["phase"] = "Cancelled";
  pods.run["status"]["state"] = "";
  pods.add(pods.world.runs, pods.run);
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U);
}

TEST(PodRetention, APodThatRunsOrIsBeingDeletedStays) {
  OldPods pods;
  pods.pod["status"]["phase"] = "Running";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
  pods.pod["status"]["phase"] = "Failed";
  pods.pod["metadata"]["deletionTimestamp"] = "1970-01-01T00:00:10Z";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, TheLastContainersEndCounts) {
  OldPods pods;
  pods.pod["status"]["initContainerStatuses"] = json::array({pods.container()});
  pods.pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["finishedAt"] = "1970-01-01T00:01:00Z";
  pods.seen();
  expect_left_alone(pods.at(359));
  EXPECT_EQ(pods.at(360).writes.size(), 1U);
}

TEST(PodRetention, APodThatNeverSaidWhenItEndedGoesByItsCreationBut90SecondsAfterItWasSeen) {
  OldPods pods;
  pods.pod["status"] = {{"phase", "Failed"}, {"reason", "Evicted"}};
  pods.seen();
  const kube::Plan first = pods.at(1'000);
  expect_left_alone(first);
  EXPECT_EQ(first.requeue_after, Millis{90'001});
  expect_left_alone(pods.at(1'089));
  EXPECT_EQ(pods.at(1'090).writes.size(), 1U);
  EXPECT_EQ(pod_due(*pods.world.pods.get({"team-a", pods.name}), Millis{300'000}, second(100)), second(301));
}

TEST(PodRetention, ALaterPodOfTheNameIsSeenForTheFirstTime) {
  OldPods pods;
  pods.pod["status"] = {{"phase", "Failed"}, {"reason", "Evicted"}};
  pods.seen();
  pods.at(1'000);
  pods.pod["metadata"]["uid"] = "q";
  pods.seen();
  EXPECT_EQ(pods.at(1'089).requeue_after, Millis{90'001});
}

TEST(PodRetention, NoPodGoesWithin90SecondsOfItsEndWhateverThePlanSays) {
  OldPods pods;
  pods.revision["data"]["pipeline"]["history"]["podAge"] = "1s";
  pods.add(pods.world.revisions, pods.revision);
  expect_left_alone(pods.at(99));
  EXPECT_EQ(pods.at(100).writes.size(), 1U);
}

TEST(PodRetention, WhoseRunOrRevisionIsNotKnownIsLeftAloneAndLookedAtAgain) {
  OldPods pods;
  pods.add(pods.world.revisions);
  const kube::Plan plan = pods.at(1'000'000);
  expect_left_alone(plan);
  EXPECT_TRUE(plan.requeue_after);
  pods.add(pods.world.revisions, pods.revision);
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U);
  pods.add(pods.world.runs);
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, APodOfAnEarlierRunOfTheNameIsLeftAlone) {
  OldPods pods;
  pods.run["metadata"]["uid"] = "another";
  pods.add(pods.world.runs, pods.run);
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, APodThatOnlyBearsTheLabelsIsLeftAlone) {
  OldPods pods;
  pods.pod["metadata"]["name"] = "mine";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
}

}  // namespace
}  // namespace atelier::reconcile
