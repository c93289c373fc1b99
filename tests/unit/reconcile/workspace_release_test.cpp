// Ready never names a release that is not live.
#include <gtest/gtest.h>

#include <functional>

#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

using testing::ready_message;
using testing::ready_reason;
using testing::second;
using World = testing::WorkspaceWorld;

// Release v1 is live, and a pod for tag 2 is under way.
struct Edited : World {
  Edited() {
    is_live();
    v1 = workspace.status;
    workspace.spec.image.tag = "2";
    publish_pod().phase = PodPhase::running;
  }
  void revert() { workspace.spec.image.tag = "1"; }
  bool is_certain() const { return !workspace.status.release->input_hash.empty(); }

  api::WorkspaceStatus v1;
};

TEST(WorkspaceRelease, IsInDoubtBeforeThePodOfAFormerSpecIsDeleted) {
  Edited world;
  world.revert();
  const auto first = world.decide();
  EXPECT_FALSE(first.delete_pod) << "status says so first";
  world.commit(first);
  EXPECT_FALSE(world.is_certain());
  EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
}

TEST(WorkspaceRelease, IsPublishedAgainAfterAnEditThatWasTakenBack) {
  Edited world;
  world.revert();
  world.commit(world.decide());
  world.pod.reset();
  const auto decision = world.decide();
  EXPECT_TRUE(decision.create_pod) << "the pod may have gone live in its grace period";
  EXPECT_EQ(ready_reason(decision), "False Publishing");
}

TEST(WorkspaceRelease, OfAPodThatSucceedsWhileItIsDeletedIsRecorded) {
  Edited world;
  world.revert();
  world.commit(world.decide());
  world.workspace.spec.image.tag = "2";
  world.pod_publishes("0123456789abcdef");
  world.pod->deleting = true;
  world.revert();
  const auto decision = world.decide();
  EXPECT_EQ(decision.status.release->id, "0123456789abcdef");
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  world.commit(decision);
  EXPECT_FALSE(world.decide().delete_pod);
  world.pod.reset();
  EXPECT_TRUE(world.decide().create_pod);
}

TEST(WorkspaceRelease, IsInDoubtOnceSomebodyElseDeletesThePod) {
  Edited world;
  world.pod->deleting = true;
  const auto decision = world.decide();
  EXPECT_FALSE(decision.delete_pod);
  world.commit(decision);
  world.revert();
  world.pod.reset();
  EXPECT_TRUE(world.decide().create_pod);
}

TEST(WorkspaceRelease, IsInDoubtBeforeAFailedPodIsDeleted) {
  for (const bool reverted : {false, true}) {
    Edited world;
    world.pod_fails("publish", 20, R"({"reason":"StorageFailed","message":"x"})");
    if (reverted) world.revert();
    world.commit(world.decide());
    world.now = second(1'000);
    const auto decision = world.decide();
    if (!reverted) {
      EXPECT_FALSE(decision.delete_pod);
      world.commit(decision);
    }
    EXPECT_FALSE(world.is_certain());
    EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
  }
}

TEST(WorkspaceRelease, StaysUndoubtedWhileAnotherSpecFailsForGood) {
  Edited world;
  world.pod_fails("stage", 10, R"({"reason":"DagsFolderEmpty","message":"x"})");
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.release, world.v1.release);
}

TEST(WorkspaceRelease, IsNotLiveWhileItsClaimIsSwept) {
  World world;
  world.is_live();
  world.domain.status.claims[0].sweeping = true;
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  EXPECT_NE(ready_message(decision).find("SweepFailed"), std::string::npos) << "where to look";
  EXPECT_FALSE(decision.create_pod);
  world.commit(decision);
  EXPECT_FALSE(world.decide().create_pod);
  world.domain.status.claims[0].sweeping = false;  // noted anew
  EXPECT_TRUE(world.decide().create_pod);
}

TEST(WorkspaceRelease, IsNotLiveWithoutAClaim) {
  World world;
  world.is_live();
  world.domain.status.claims.clear();
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  EXPECT_TRUE(decision.status.release->input_hash.empty());
}

TEST(WorkspaceRelease, OfAPodWhoseClaimIsSweptIsNotRecorded) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.domain.status.claims[0].sweeping = true;
  const auto decision = world.decide();
  EXPECT_FALSE(decision.status.release);
  EXPECT_EQ(decision.delete_pod, Uid{"pod-uid"});
}

TEST(WorkspaceRelease, OfAPodOfTheDomainThatTheWorkspaceLeftIsNotRecorded) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.pod->storage.make().data_domain = "dd00";
  const auto decision = world.decide();
  EXPECT_FALSE(decision.status.release);
  EXPECT_EQ(decision.delete_pod, Uid{"pod-uid"});
}

TEST(WorkspaceRelease, IsNotPublishedOnceAdmissionIsRevokedOrTheSpecIsInvalid) {
  const std::function<void(World&)> revocations[] = {
      [](World& world) { world.domain.spec.workspace_namespaces.clear(); },
      [](World& world) { world.workspace.spec.image.tag.clear(); },
      [](World& world) { world.domain.status.conditions[0].status = meta::ConditionStatus::false_; },
      [](World& world) { world.has_domain = false; },
  };
  for (const auto& revoke : revocations) {
    Edited world;
    revoke(world);
    EXPECT_FALSE(world.decide().delete_pod) << "status puts the release in doubt first";
    world.commit(world.decide());
    EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
    world.pod->phase = PodPhase::failed;
    EXPECT_FALSE(world.decide().delete_pod) << "it is over";
  }
}

TEST(WorkspaceRelease, ThatWentLiveJustBeforeAdmissionWasRevokedIsRecorded) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.domain.spec.workspace_namespaces.clear();
  const auto decision = world.decide();
  EXPECT_EQ(decision.status.release->id, "abcdef0123456789");
  EXPECT_EQ(ready_reason(decision), "False NotAdmitted");
  world.commit(decision);
  EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
}

}  // namespace
}  // namespace atelier::reconcile
