// A publish that fails, waits or is slow is told once, and goes on when it may do better.
#include <gtest/gtest.h>

#include <functional>

#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

using testing::ready_message;
using testing::ready_reason;
using testing::second;
using World = testing::WorkspaceWorld;

constexpr const char* kUnwritable = R"({"reason":"StorageNotWritable","message":"chown it"})";

TEST(WorkspaceRetry, CountsAPodOfWhichNobodyKnowsWhenItEndedOnce) {
  World world;
  world.pod_fails("publish", 137, "");
  world.pod->init_containers[0].reason = "ContainerStatusUnknown";
  world.pod->init_containers[0].finished.reset();
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.publish->attempts, 1);
  EXPECT_EQ(world.workspace.status.publish->last_failure, second(90)) << "when its pod was made";
  world.now = second(101);
  const auto later = world.decide();
  EXPECT_EQ(later.status, world.workspace.status) << "or each look at it would be a write";
  EXPECT_EQ(later.delete_pod, Uid{"pod-uid"});
}

TEST(WorkspaceRetry, CountsAnotherPodThatFailsTheSameWay) {
  World world;
  world.pod_fails("publish", 20, kUnwritable);
  world.commit(world.decide());
  world.pod->uid = Uid{"second-uid"};
  EXPECT_EQ(world.decide().status.publish->attempts, 2);
}

TEST(WorkspaceRetry, OfTheSameInputKeepsTheReasonAndIsOneEvent) {
  World world;
  world.pod_fails("publish", 20, kUnwritable);
  const auto failed = world.decide();
  EXPECT_EQ(failed.notes.size(), 1U);
  world.commit(failed);
  const auto keeps = [&world](const char* when) {
    const auto decision = world.decide();
    EXPECT_EQ(ready_reason(decision), "False StorageNotWritable") << when;
    EXPECT_TRUE(decision.notes.empty()) << when;
    world.commit(decision);
  };
  world.now = second(105);
  keeps("is deleted");
  world.pod->deleting = true;
  keeps("goes");
  world.pod.reset();
  keeps("is made");
  world.publish_pod();
  keeps("is under way");
  EXPECT_NE(ready_message(world.decide()).find("attempt 2"), std::string::npos);
  world.pod_fails("publish", 20, kUnwritable);
  world.pod->uid = Uid{"second-uid"};
  keeps("failed again");
  world.pod.reset();
  world.workspace.spec.image.tag = "2";
  EXPECT_EQ(ready_reason(world.decide()), "False Publishing") << "another input is another matter";
}

TEST(WorkspaceRetry, ThatFailsOtherwiseSaysSo) {
  World world;
  world.pod_fails("publish", 20, kUnwritable);
  world.commit(world.decide());
  world.pod_fails("publish", 20, R"({"reason":"StorageFull","message":"x"})");
  world.pod->uid = Uid{"second-uid"};
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False StorageFull");
  EXPECT_EQ(decision.notes.size(), 1U);
}

TEST(WorkspaceRetry, ReplacesAPodThatWaitsOnceItWouldBeAnotherOne) {
  const std::function<void(World&)> remedies[] = {
      [](World& world) { world.domain.spec.pull_secrets = {{"regcred"}}; },
      [](World& world) { world.workspace.spec.image.pull_policy = "Always"; },
      [](World& world) { world.stage_image = "stage:2"; },
  };
  for (const auto& mend : remedies) {
    World world;
    world.pod_waits("tools");
    EXPECT_FALSE(world.decide().delete_pod);
    mend(world);
    EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
    world.pod->init_containers.clear();
    EXPECT_FALSE(world.decide().delete_pod) << "one that goes on may go on";
  }
}

TEST(WorkspaceRetry, TellsAfterTwoMinutesWhereAPublishIs) {
  World world;
  world.publish_pod().phase = PodPhase::running;
  world.pod->init_containers.emplace_back().name = "step-own";
  const auto early = world.decide();
  EXPECT_EQ(ready_reason(early), "False Publishing");
  EXPECT_EQ(early.wake_at, second(90 + 120));
  world.now = second(90 + 120);
  const auto late = world.decide();
  EXPECT_EQ(ready_reason(late), "False PublishSlow");
  EXPECT_NE(ready_message(late).find("\"step-own\""), std::string::npos);
  EXPECT_NE(ready_message(late).find("kubectl describe pod -n bd01 " + world.pod->name), std::string::npos);
  EXPECT_FALSE(late.delete_pod || late.wake_at);
}

TEST(WorkspaceRetry, TellsOnceWhatAPodWaitedForUntilItsDeadline) {
  World world;
  world.pod_waits("stage");
  world.commit(world.decide());
  world.publish_pod().phase = PodPhase::failed;
  world.pod->reason = "DeadlineExceeded";
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False ImagePullFailed");
  EXPECT_TRUE(decision.notes.empty());
  EXPECT_EQ(decision.status.publish->attempts, 1);
}

TEST(WorkspaceRetry, OfAPodThatRanIntoItsDeadlineSaysSo) {
  World world;
  world.publish_pod().phase = PodPhase::failed;
  world.pod->reason = "DeadlineExceeded";
  world.pod->created = second(99);
  EXPECT_EQ(ready_reason(world.decide()), "False DeadlineExceeded");
  EXPECT_TRUE(world.decide().wake_at);
}

}  // namespace
}  // namespace atelier::reconcile
