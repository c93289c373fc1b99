#include "reconcile/workspace_policy.h"

#include <gtest/gtest.h>

#include "render/labels.h"
#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

using testing::ready_message;
using testing::ready_reason;
using testing::second;
using World = testing::WorkspaceWorld;

TEST(WorkspacePolicy, PublishesAnAdmittedWorkspace) {
  const auto decision = World{}.decide();
  ASSERT_TRUE(decision.create_pod);
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  EXPECT_TRUE(decision.notes.empty()) << "work under way is no event";
}

TEST(WorkspacePolicy, WaitsUntilItsNameIsNotedInTheDataDomain) {
  World world;
  world.domain.status.claims.clear();
  EXPECT_FALSE(world.decide().create_pod);
}

TEST(WorkspacePolicy, RecordsTheReleaseBeforeItsPodGoes) {
  World world;
  world.pod_publishes("abcdef0123456789");
  const auto first = world.decide();
  EXPECT_EQ(ready_reason(first), "True Published");
  EXPECT_FALSE(first.delete_pod);
  EXPECT_EQ(first.status.release->image_digest, "registry/ws@sha256:77");
  EXPECT_EQ(first.status.release->location, "dd01/dags/ws");
  EXPECT_EQ(first.notes.size(), 1U);
  world.commit(first);
  const auto second_step = world.decide();
  EXPECT_EQ(second_step.delete_pod, Uid{"pod-uid"});
  EXPECT_TRUE(second_step.notes.empty());
}

TEST(WorkspacePolicy, RestsWhenTheReleaseIsLive) {
  World world;
  world.is_live();
  const auto decision = world.decide();
  EXPECT_FALSE(decision.create_pod);
  EXPECT_FALSE(decision.delete_pod);
  EXPECT_FALSE(decision.wake_at);
  EXPECT_EQ(decision.status, world.workspace.status);
}

TEST(WorkspacePolicy, PublishesAgainWhenTheTagChanges) {
  World world;
  world.is_live();
  world.workspace.spec.image.tag = "2";
  world.workspace.metadata.generation = 4;
  const auto decision = world.decide();
  EXPECT_TRUE(decision.create_pod);
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  EXPECT_NE(ready_message(decision).find("abcdef012345 stays live"), std::string::npos);
}

TEST(WorkspacePolicy, RecordsWhatAnOlderPodPublishedBeforeReplacingIt) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.workspace.spec.image.tag = "2";
  const auto decision = world.decide();
  EXPECT_EQ(decision.status.release->id, "abcdef0123456789");
  EXPECT_EQ(ready_reason(decision), "False Publishing");
  EXPECT_FALSE(decision.delete_pod);
  world.commit(decision);
  EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
}

TEST(WorkspacePolicy, ReplacesAPodOfAFormerSpec) {
  World world;
  world.publish_pod();
  world.workspace.spec.image.tag = "2";
  const auto decision = world.decide();
  EXPECT_EQ(decision.delete_pod, Uid{"pod-uid"});
  EXPECT_FALSE(decision.create_pod) << "one publish pod at a time";
}

TEST(WorkspacePolicy, ReplacesThePodOfAFormerWorkspaceOfTheSameNameWithoutTakingItsRelease) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.pod->storage.make().workspace_uid = Uid{"former"};
  const auto decision = world.decide();
  EXPECT_EQ(decision.delete_pod, Uid{"pod-uid"});
  EXPECT_FALSE(decision.status.release);
}

TEST(WorkspacePolicy, TellsThatTheImageCannotBePulledOnceAndKeepsThePod) {
  World world;
  ContainerRecord stage;
  stage.name = "stage";
  stage.waiting.make().reason = "ImagePullBackOff";
  stage.waiting.make().message = "manifest unknown";
  world.publish_pod().init_containers = {stage};
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False ImagePullFailed");
  EXPECT_NE(ready_message(decision).find("manifest unknown"), std::string::npos);
  EXPECT_EQ(decision.notes.size(), 1U);
  EXPECT_FALSE(decision.create_pod || decision.delete_pod);
  world.commit(decision);
  world.pod->init_containers[0].waiting.make().reason = "ErrImagePull";  // the kubelet alternates between the two
  EXPECT_TRUE(world.decide().notes.empty());
}

TEST(WorkspacePolicy, StallsOnWhatOnlyTheTeamCanMend) {
  World world;
  world.is_live();
  world.workspace.spec.image.tag = "2";
  world.pod_fails("stage", 10, R"({"ok":false,"reason":"DagsFolderEmpty","message":"/dags is empty"})");
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False DagsFolderEmpty");
  EXPECT_NE(meta::find_condition(decision.status.conditions, "Stalled"), nullptr);
  EXPECT_EQ(decision.status.release->id, "abcdef0123456789");
  EXPECT_FALSE(decision.wake_at);
  world.commit(decision);
  world.now = second(100'000);
  const auto later = world.decide();
  EXPECT_FALSE(later.create_pod || later.delete_pod) << "no pod storm";
  EXPECT_EQ(later.status.publish->attempts, 1);
}

TEST(WorkspacePolicy, TriesAgainWithBackoffWhatThePlatformCanMend) {
  World world;
  world.pod_fails("publish", 20, R"({"ok":false,"reason":"StorageNotWritable","message":"chown it"})");
  const auto failed = world.decide();
  EXPECT_EQ(ready_reason(failed), "False StorageNotWritable");
  EXPECT_EQ(failed.wake_at, second(105));
  EXPECT_FALSE(failed.delete_pod);
  world.commit(failed);
  world.now = second(105);
  EXPECT_EQ(world.decide().delete_pod, Uid{"pod-uid"});
  EXPECT_EQ(world.decide().status.publish->attempts, 1) << "one failure counts once";
  world.pod.reset();
  const auto again = world.decide();
  EXPECT_TRUE(again.create_pod);
  EXPECT_EQ(ready_reason(again), "False StorageNotWritable") << "said until it is better";
}

TEST(WorkspacePolicy, DoesNotBelieveATeamsStepThatSpeaksAsOurs) {
  World world;
  world.pod_fails("step-own", 1, R"({"ok":false,"reason":"NameTaken","message":"x"})");
  EXPECT_EQ(ready_reason(world.decide()), "False StepFailed");
}

TEST(WorkspacePolicy, TellsWhichDataDomainIsMissing) {
  World world;
  world.has_domain = false;
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False DataDomainNotFound");
  EXPECT_NE(ready_message(decision).find("\"dd01\" in namespace \"bd01\""), std::string::npos);
  EXPECT_FALSE(decision.create_pod);
}

TEST(WorkspacePolicy, IsAdmittedByTheDataDomainsOwnerOnly) {
  World world;
  world.domain.spec.workspace_namespaces = {"team-b"};
  EXPECT_EQ(ready_reason(world.decide()), "False NotAdmitted");
}

TEST(WorkspacePolicy, RefusesTheStorageNamespaceUnlessColocatedAndThenSaysSo) {
  World world;
  world.workspace.metadata.ns = "bd01";
  world.domain.spec.workspace_namespaces = {"bd01"};
  EXPECT_EQ(ready_reason(world.decide()), "False NotAdmitted");
  world.domain.spec.colocated = true;
  world.pod_publishes("abcdef0123456789");
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "True Published");
  EXPECT_NE(ready_message(decision).find("shares the storage namespace"), std::string::npos);
}

TEST(WorkspacePolicy, WaitsForTheDataDomain) {
  World world;
  world.domain.status.conditions[0].status = meta::ConditionStatus::false_;
  world.domain.status.conditions[0].message = "no such tenant";
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False DataDomainNotReady");
  EXPECT_NE(ready_message(decision).find("no such tenant"), std::string::npos);
}

TEST(WorkspacePolicy, RollsTheContainersOnlyAfterTheReleaseIsInStatus) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "main";
  world.pod_publishes("abcdef0123456789");
  const auto first = world.decide();
  EXPECT_FALSE(first.apply_deployment);
  world.commit(first);
  EXPECT_TRUE(world.decide().apply_deployment);
}

TEST(WorkspacePolicy, LeavesACurrentDeploymentAloneAndRemovesAnUnwantedOne) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "main";
  world.is_live();
  const auto applied = world.decide().apply_deployment;
  ASSERT_TRUE(applied);
  world.deployment.emplace();
  world.deployment->owner = world.workspace.metadata.uid;
  world.deployment->input_hash = (*applied)["metadata"]["annotations"][render::kInputHash];
  world.deployment->replicas = 1;
  world.deployment->updated = 1;
  world.deployment->available = 1;
  EXPECT_FALSE(world.decide().apply_deployment);
  EXPECT_EQ(meta::find_condition(world.decide().status.conditions, "ContainersAvailable")->reason, "Available");
  world.workspace.spec.containers.clear();
  EXPECT_TRUE(world.decide().delete_deployment);
}

TEST(WorkspacePolicy, TellsWhatTheNodeSaysOfContainersThatDoNotStart) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "main";
  world.is_live();
  const auto applied = world.decide().apply_deployment;
  ASSERT_TRUE(applied);
  world.deployment.emplace();
  world.deployment->owner = world.workspace.metadata.uid;
  world.deployment->input_hash = (*applied)["metadata"]["annotations"][render::kInputHash];
  world.deployment->trouble = "has timed out progressing";
  PodRecord pod;
  ContainerRecord& container = pod.containers.emplace_back();
  container.name = "main";
  const auto told = [&](const std::string& reason, const std::string& message) {
    container.waiting.make().reason = reason;
    container.waiting.make().message = message;
    world.container_pods = {std::make_shared<const PodRecord>(pod)};
    return meta::find_condition(world.decide().status.conditions, "ContainersAvailable")->message;
  };
  EXPECT_EQ(told("CreateContainerConfigError", "secret \"db\" not found"),
            "container \"main\" does not start (CreateContainerConfigError): secret \"db\" not found");
  EXPECT_EQ(told("ContainerCreating", ""), "has timed out progressing");
  pod.deleting = true;
  EXPECT_EQ(told("CrashLoopBackOff", "back-off"), "has timed out progressing") << "of the rollout before";
  pod.deleting = false;

  const std::string cause = "failed to resolve registry.local/web:2: not found";
  const std::string once = told("ErrImagePull", cause);
  EXPECT_EQ(once, "container \"main\" does not start (ErrImagePull): " + cause);
  EXPECT_EQ(told("ImagePullBackOff", "Back-off pulling image \"registry.local/web:2\": ErrImagePull: " + cause), once)
      << "the kubelet's turns are no news";
  EXPECT_EQ(told("ImagePullBackOff", "Back-off pulling image \"registry.local/web:2\""),
            "container \"main\" does not start (ErrImagePull): Back-off pulling image \"registry.local/web:2\"");
  EXPECT_EQ(told("RunContainerError", "quotes ErrImagePull: as it is"),
            "container \"main\" does not start (RunContainerError): quotes ErrImagePull: as it is");
  EXPECT_LT(told("RunContainerError", std::string(10'000, 'x')).size(), 600U);
}

TEST(WorkspacePolicy, TellsOfTheNewestPodOfARolloutWhateverTheOneBeforeItSays) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "main";
  world.is_live();
  const auto applied = world.decide().apply_deployment;
  ASSERT_TRUE(applied);
  world.deployment.emplace();
  world.deployment->owner = world.workspace.metadata.uid;
  world.deployment->input_hash = (*applied)["metadata"]["annotations"][render::kInputHash];
  const auto add = [&](const std::string& name, int created, const std::string& reason) {
    PodRecord pod;
    pod.name = name;
    pod.created = WallTime{std::chrono::seconds{created}};
    ContainerRecord& container = pod.containers.emplace_back();
    container.name = "main";
    container.waiting.make().reason = reason;
    world.container_pods.push_back(std::make_shared<const PodRecord>(pod));
  };
  const auto told = [&] {
    return meta::find_condition(world.decide().status.conditions, "ContainersAvailable")->message;
  };
  const std::string starting = "the long-running containers are being started";
  add("ws-of-before", 10, "CrashLoopBackOff");
  EXPECT_NE(told().find("CrashLoopBackOff"), std::string::npos);
  add("ws-mended", 20, "ContainerCreating");
  EXPECT_EQ(told(), starting);
  std::swap(world.container_pods[0], world.container_pods[1]);
  EXPECT_EQ(told(), starting) << "in any order";
  add("ws-next", 30, "CreateContainerConfigError");
  EXPECT_NE(told().find("CreateContainerConfigError"), std::string::npos);
}

TEST(WorkspacePolicy, DoesNotTouchADeploymentThatIsNotItsOwn) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "main";
  world.is_live();
  world.deployment.emplace();
  world.deployment->owner = Uid{"else"};
  const auto decision = world.decide();
  EXPECT_FALSE(decision.apply_deployment || decision.delete_deployment);
  EXPECT_EQ(meta::find_condition(decision.status.conditions, "ContainersAvailable")->reason, "NameTaken");
}

// Its DataDomain's status says so only later.
TEST(WorkspacePolicy, WithoutItsTenantItIsNotReadyAndGetsNothingByTheSeeds) {
  World world;
  world.workspace.spec.containers.resize(1);
  world.workspace.spec.containers[0].name = "web";
  world.tenant.spec.default_profile = "tiny";
  world.is_live();
  ASSERT_TRUE(world.decide().apply_deployment);
  world.seekers = {{{"one", Uid{"one"}}, second(1), PlaceSeeker::Need::asks}};
  ASSERT_EQ(world.decide().status.places.size(), 1U);

  world.tenant.spec.namespaces.clear();
  const auto decision = world.decide();
  EXPECT_TRUE(decision.status.places.empty()) << "a seed may give more than the tenant's own";
  EXPECT_FALSE(decision.apply_deployment) << "with the memory of a seed";
  const meta::Condition* ready = meta::find_condition(decision.status.conditions, "Ready");
  EXPECT_EQ(ready->reason, "DataDomainNotReady");
  EXPECT_NE(ready->message.find("does not own the namespace"), std::string::npos);
}

TEST(FailureBackoff, DoublesUpToFiveMinutes) {
  EXPECT_EQ(failure_backoff(1), Millis{10'000});
  EXPECT_EQ(failure_backoff(2), Millis{20'000});
  EXPECT_EQ(failure_backoff(100), Millis{300'000});
}

}  // namespace
}  // namespace atelier::reconcile
