#include "reconcile/workspace_policy.h"

#include <gtest/gtest.h>

#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

// A workspace in a world where all is well; each test changes what it is about.
struct World {
  World() {
    tenant.metadata.name = "bd";
    tenant.spec.namespaces = {"bd01"};
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.metadata.uid = Uid{"domain-uid"};
    domain.spec.key = "dd01";
    domain.spec.business_domain.name = "bd";
    domain.spec.storage = {"storage", {50000, 50000}};
    domain.spec.workspace_namespaces = {"team-a"};
    domain.status.claims = {{"ws", "team-a", Uid{"ws-uid"}}};
    meta::Condition ready;
    ready.type = "Ready";
    ready.status = meta::ConditionStatus::true_;
    domain.status.conditions = {ready};
    workspace.metadata.name = "ws";
    workspace.metadata.ns = "team-a";
    workspace.metadata.uid = Uid{"ws-uid"};
    workspace.metadata.generation = 3;
    workspace.spec.data_domain = {"dd01", "bd01"};
    workspace.spec.image.repository = "registry/ws";
    workspace.spec.image.tag = "1";
    workspace.spec.dags.path = "/dags";
  }

  WorkspaceDecision decide() const {
    WorkspaceInput input{.workspace = workspace, .stage_image = "stage:1", .now = now};
    input.domain = has_domain ? &domain : nullptr;
    input.tenant = &tenant;
    input.publish_pod = pod ? &*pod : nullptr;
    input.deployment = deployment ? &*deployment : nullptr;
    return reconcile::decide(input);
  }

  // The pod that the present spec asks for, in its first moments.
  PodRecord& publish_pod() {
    pod.emplace();
    pod->ns = "bd01";
    pod->name = render::publish_pod_name(workspace.metadata.key());
    pod->uid = Uid{"pod-uid"};
    pod->component = "publish";
    pod->workspace_uid = workspace.metadata.uid;
    pod->input_hash = render::publish_input_hash(workspace, domain);
    pod->generation = workspace.metadata.generation;
    pod->image = "registry/ws:1";
    pod->phase = PodPhase::pending;
    pod->created = second(90);
    return *pod;
  }

  void pod_publishes(const std::string& release) {
    PodRecord& record = publish_pod();
    record.phase = PodPhase::succeeded;
    ContainerRecord stage;
    stage.name = "stage";
    stage.image_id = "registry/ws@sha256:77";
    ContainerRecord publish;
    publish.name = "publish";
    publish.terminated = true;
    publish.message = R"({"ok":true,"step":"publish","release":")" + release + R"(","files":3,"bytes":9})";
    publish.finished = second(99);
    record.init_containers = {stage};
    record.containers = {publish};
  }

  void pod_fails(const std::string& step, int exit_code, const std::string& message) {
    PodRecord& record = publish_pod();
    record.phase = PodPhase::failed;
    ContainerRecord container;
    container.name = step;
    container.terminated = true;
    container.exit_code = exit_code;
    container.message = message;
    container.finished = second(95);
    record.init_containers = {container};
  }

  // Writes the status as the controller does.
  void commit(const WorkspaceDecision& decision) { workspace.status = decision.status; }

  void is_live() {
    pod_publishes("abcdef0123456789");
    commit(decide());
    pod.reset();
    commit(decide());
  }

  api::BusinessDomain tenant;
  api::DataDomain domain;
  api::Workspace workspace;
  std::optional<PodRecord> pod;
  std::optional<DeploymentRecord> deployment;
  bool has_domain = true;
  WallTime now = second(100);
};

std::string ready_reason(const WorkspaceDecision& decision) {
  const meta::Condition* ready = meta::find_condition(decision.status.conditions, "Ready");
  return ready == nullptr ? "(none)" : std::string(meta::to_string(ready->status)) + " " + ready->reason;
}

std::string ready_message(const WorkspaceDecision& decision) {
  return meta::find_condition(decision.status.conditions, "Ready")->message;
}

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
  world.pod->workspace_uid = Uid{"former"};
  const auto decision = world.decide();
  EXPECT_EQ(decision.delete_pod, Uid{"pod-uid"});
  EXPECT_FALSE(decision.status.release);
}

TEST(WorkspacePolicy, TellsThatTheImageCannotBePulledOnceAndKeepsThePod) {
  World world;
  ContainerRecord stage;
  stage.name = "stage";
  stage.waiting_reason = "ImagePullBackOff";
  stage.waiting_message = "manifest unknown";
  world.publish_pod().init_containers = {stage};
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False ImagePullFailed");
  EXPECT_NE(ready_message(decision).find("manifest unknown"), std::string::npos);
  EXPECT_EQ(decision.notes.size(), 1U);
  EXPECT_FALSE(decision.create_pod || decision.delete_pod);
  world.commit(decision);
  world.pod->init_containers[0].waiting_reason = "ErrImagePull";  // the kubelet alternates between the two
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
  world.deployment->available = 1;
  EXPECT_FALSE(world.decide().apply_deployment);
  EXPECT_EQ(meta::find_condition(world.decide().status.conditions, "ContainersAvailable")->reason, "Available");
  world.workspace.spec.containers.clear();
  EXPECT_TRUE(world.decide().delete_deployment);
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

TEST(PublishBackoff, DoublesUpToFiveMinutes) {
  EXPECT_EQ(publish_backoff(1), Millis{10'000});
  EXPECT_EQ(publish_backoff(2), Millis{20'000});
  EXPECT_EQ(publish_backoff(100), Millis{300'000});
}

}  // namespace
}  // namespace atelier::reconcile
