#include "reconcile/data_domain_policy.h"

#include <gtest/gtest.h>

#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

struct World {
  World() {
    tenant.metadata.name = "bd";
    tenant.spec.namespaces = {"bd01"};
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.metadata.uid = Uid{"domain-uid"};
    domain.metadata.creation_timestamp = second(10);
    domain.spec.key = "dd01";
    domain.spec.business_domain.name = "bd";
    domain.spec.storage = {"storage", {50000, 50000}};
    domain.spec.workspace_namespaces = {"team-a"};
    workspace.metadata.name = "ws";
    workspace.metadata.ns = "team-a";
    workspace.metadata.uid = Uid{"ws-uid"};
    workspace.spec.data_domain = {"dd01", "bd01"};
  }

  DataDomainDecision decide() const {
    DataDomainInput input{.domain = domain, .confirmed_gone = gone, .stage_image = "stage:1", .now = now};
    input.tenant = has_tenant ? &tenant : nullptr;
    if (has_workspace) input.workspaces = {&workspace};
    for (const api::DataDomain& other : neighbours) input.neighbours.push_back(&other);
    for (const PodRecord& pod : publish_pods) input.publish_pods.push_back(&pod);
    input.sweep_pod = sweep_pod ? &*sweep_pod : nullptr;
    input.sweep_refusal = sweep_refusal;
    return reconcile::decide(input);
  }

  // The Workspace has published and was deleted.
  void is_orphaned() {
    domain.status.claims = {{"ws", "team-a", Uid{"ws-uid"}}};
    has_workspace = false;
  }

  // The live read found no Workspace, and status tells that its claim is swept.
  void is_marked() {
    is_orphaned();
    domain.status.claims[0].sweeping = true;
  }

  PodRecord& publish_pod_of(const std::string& data_domain) {
    PodRecord& pod = publish_pods.emplace_back();
    pod.name = "publish";
    pod.uid = Uid{"pod-uid"};
    pod.workspace = "ws";
    pod.storage.make().data_domain = data_domain;
    pod.storage.make().workspace_namespace = "team-a";
    pod.storage.make().workspace_uid = Uid{"ws-uid"};
    return pod;
  }

  void sweep_is(PodPhase phase) {
    sweep_pod.emplace();
    sweep_pod->name = "sweep";
    sweep_pod->uid = Uid{"sweep-uid"};
    sweep_pod->component = "sweep";
    sweep_pod->storage.make().claims = "ws=ws-uid";
    sweep_pod->phase = phase;
    sweep_pod->created = second(50);
    sweep_pod->storage.make().pod_hash =
        render::sweep_pod(domain, domain.status.claims, "stage:1")["metadata"]["annotations"][render::kPodHash]
            .get<std::string>();
  }

  api::BusinessDomain tenant;
  api::DataDomain domain;
  api::Workspace workspace;
  std::vector<api::DataDomain> neighbours;
  std::vector<PodRecord> publish_pods;
  std::optional<PodRecord> sweep_pod;
  std::set<Uid> gone;
  RefusedWrite sweep_refusal;
  bool has_tenant = true;
  bool has_workspace = true;
  WallTime now = second(100);
};

std::string ready_reason(const DataDomainDecision& decision) {
  return meta::find_condition(decision.status.conditions, "Ready")->reason;
}

TEST(DataDomainPolicy, NotesTheNameOfAnAdmittedWorkspaceOnce) {
  World world;
  const auto first = world.decide();
  EXPECT_EQ(first.status.claims, (std::vector<api::StorageClaim>{{"ws", "team-a", Uid{"ws-uid"}}}));
  EXPECT_EQ(first.status.workspaces, 1);
  world.domain.status = first.status;
  EXPECT_EQ(world.decide().status, first.status);
}

TEST(DataDomainPolicy, NotesNothingForAWorkspaceItDoesNotAdmit) {
  World world;
  world.domain.spec.workspace_namespaces.clear();
  EXPECT_TRUE(world.decide().status.claims.empty());
}

TEST(DataDomainPolicy, IsRefusedWithoutATenantOrByOne) {
  World world;
  world.has_tenant = false;
  EXPECT_EQ(ready_reason(world.decide()), "BusinessDomainNotFound");
  world.has_tenant = true;
  world.tenant.spec.namespaces = {"bd02"};
  EXPECT_EQ(ready_reason(world.decide()), "NotAdmitted");
}

TEST(DataDomainPolicy, OfTwoWithTheSameFolderTheOlderKeepsIt) {
  World world;
  world.neighbours = {world.domain};
  world.neighbours[0].metadata.name = "copy";
  world.neighbours[0].metadata.creation_timestamp = second(9);
  EXPECT_EQ(ready_reason(world.decide()), "KeyTaken");
  world.neighbours[0].metadata.creation_timestamp = second(11);
  EXPECT_EQ(ready_reason(world.decide()), "Admitted");
  world.neighbours[0].metadata.creation_timestamp = second(9);
  world.neighbours[0].spec.key = "dd02";
  EXPECT_EQ(ready_reason(world.decide()), "Admitted");
}

TEST(DataDomainPolicy, BelievesNoCacheThatAWorkspaceIsGone) {
  World world;
  world.is_orphaned();
  const auto asks = world.decide();
  EXPECT_FALSE(asks.create_pod);
  ASSERT_EQ(asks.confirm.size(), 1U);
  world.gone = {Uid{"ws-uid"}};
  const auto marks = world.decide();
  EXPECT_FALSE(marks.create_pod) << "status says so first";
  world.domain.status = marks.status;
  world.gone.clear();
  const auto sweeps = world.decide();
  ASSERT_TRUE(sweeps.create_pod);
  EXPECT_NE(sweeps.create_pod->dump().find("ws=ws-uid"), std::string::npos);
}

TEST(DataDomainPolicy, SweepsWhatIsConfirmedAndAsksAboutTheOthersLater) {
  World world;
  world.is_orphaned();
  world.domain.status.claims.push_back({"ws-b", "team-a", Uid{"b-uid"}});
  world.gone = {Uid{"ws-uid"}};  // an answer lasts one round: asking about b first would forget it
  const auto decision = world.decide();
  EXPECT_TRUE(decision.confirm.empty());
  world.domain.status = decision.status;
  ASSERT_TRUE(world.decide().create_pod);
  EXPECT_EQ(world.decide().create_pod->dump().find("b-uid"), std::string::npos);
}

TEST(DataDomainPolicy, DoesNotSweepWhileAPublishPodCouldBringTheNameBack) {
  World world;
  world.is_orphaned();
  world.gone = {Uid{"ws-uid"}};
  world.publish_pod_of("dd01");
  const auto decision = world.decide();
  EXPECT_FALSE(decision.status.claims[0].sweeping);
  ASSERT_EQ(decision.delete_pods.size(), 1U);
  EXPECT_EQ(decision.delete_pods[0].second, Uid{"pod-uid"});
  world.is_marked();
  EXPECT_FALSE(world.decide().create_pod);
}

TEST(DataDomainPolicy, DoesNotTouchThePublishPodOfTheDomainToWhichAWorkspaceMoved) {
  World world;
  world.is_orphaned();
  world.gone = {Uid{"ws-uid"}};
  world.publish_pod_of("dd02");
  const auto decision = world.decide();
  EXPECT_TRUE(decision.delete_pods.empty());
  EXPECT_TRUE(decision.status.claims[0].sweeping);
}

TEST(DataDomainPolicy, GoesOnWithASweepThoughTheWorkspaceComesBackAndNotesItAnewAfterwards) {
  World world;
  world.is_marked();
  world.has_workspace = true;
  world.workspace.status.release.emplace().input_hash = "it says that its release is live";
  EXPECT_TRUE(world.decide().create_pod);
  world.sweep_is(PodPhase::succeeded);
  const auto swept = world.decide();
  EXPECT_TRUE(swept.status.claims.empty());
  world.domain.status = swept.status;
  world.sweep_pod.reset();
  EXPECT_TRUE(world.decide().status.claims.empty()) << "the workspace has not noticed yet";
  world.workspace.status.release->input_hash.clear();
  ASSERT_EQ(world.decide().status.claims.size(), 1U);
  EXPECT_FALSE(world.decide().status.claims[0].sweeping);
}

TEST(DataDomainPolicy, NeitherNotesNorSweepsInTheFolderOfAnOlderTwin) {
  World world;
  world.is_marked();
  world.neighbours = {world.domain};
  world.neighbours[0].metadata.name = "twin";
  world.neighbours[0].metadata.creation_timestamp = second(9);
  EXPECT_FALSE(world.decide().create_pod);
  const auto decision = world.decide();
  const std::string& message = meta::find_condition(decision.status.conditions, "Ready")->message;
  EXPECT_NE(message.find("make one with another key, or set another spec.storage.claimName"), std::string::npos);
  world.sweep_is(PodPhase::running);
  EXPECT_EQ(world.decide().delete_pods.size(), 1U);
  world.sweep_pod.reset();
  world.domain.status.claims.clear();
  world.has_workspace = true;
  EXPECT_TRUE(world.decide().status.claims.empty());
}

TEST(DataDomainPolicy, SweepsOnceMoreAfterAPublishPodThatCameAfterTheSweep) {
  World world;
  world.has_workspace = false;
  world.publish_pod_of("dd01");
  const auto noted = world.decide();
  EXPECT_TRUE(noted.delete_pods.empty()) << "it may have taken the name, and nothing else tells of that";
  ASSERT_EQ(noted.status.claims, (std::vector<api::StorageClaim>{{"ws", "team-a", Uid{"ws-uid"}}}));
  world.domain.status = noted.status;
  EXPECT_EQ(world.decide().delete_pods.size(), 1U);
  EXPECT_TRUE(world.decide().confirm.empty());
  world.publish_pods[0].deleting = true;
  EXPECT_TRUE(world.decide().delete_pods.empty());
  world.publish_pods.clear();
  EXPECT_EQ(world.decide().confirm.size(), 1U);
  world.gone = {Uid{"ws-uid"}};
  EXPECT_TRUE(world.decide().status.claims[0].sweeping);
}

TEST(DataDomainPolicy, KeepsThePublishPodOfAWorkspaceThatIsThere) {
  World world;
  world.publish_pod_of("dd01");
  const auto noted = world.decide();
  EXPECT_EQ(noted.status.claims.size(), 1U);
  world.domain.status = noted.status;
  EXPECT_TRUE(world.decide().delete_pods.empty());
}

TEST(DataDomainPolicy, NotesNoNameThatItCouldNotSweep) {
  World world;
  world.has_workspace = false;
  PodRecord& pod = world.publish_pod_of("dd01");
  pod.storage.make().workspace_uid = Uid{};
  EXPECT_TRUE(world.decide().status.claims.empty());
  pod.storage.make().workspace_uid = Uid{"ws-uid"};
  pod.workspace = "a,b=c";
  EXPECT_TRUE(world.decide().status.claims.empty());
}

TEST(DataDomainPolicy, KeepsTheClaimOfANameThatAPublishPodMayHaveBroughtBack) {
  World world;
  world.is_marked();
  world.sweep_is(PodPhase::succeeded);
  world.publish_pod_of("dd01");
  const auto decision = world.decide();
  EXPECT_EQ(decision.status.claims.size(), 1U);
  EXPECT_EQ(decision.delete_pods.size(), 2U) << "the publish pod, and the sweep pod for another sweep";
}

TEST(DataDomainPolicy, LooksForTheHolderOfANameOfWhichItKnowsNothing) {
  World world;
  world.domain.status = world.decide().status;
  PodRecord& pod = world.publish_pod_of("dd01");
  pod.workspace = "ws";
  pod.phase = PodPhase::failed;
  ContainerRecord& container = pod.containers.emplace_back();
  container.name = "publish";
  const std::string told = R"({"reason":"NameTaken","holderName":"ws","holderNamespace":"team-b","holderUid":)";
  container.message = told + R"("former-uid"})";
  const auto noted = world.decide();
  ASSERT_EQ(noted.status.claims.size(), 2U);
  EXPECT_EQ(noted.status.claims[1], (api::StorageClaim{"ws", "team-b", Uid{"former-uid"}}));
  world.domain.status = noted.status;
  EXPECT_EQ(world.decide().confirm.size(), 1U) << "a file's word is no reason to sweep";
  world.gone = {Uid{"former-uid"}};
  EXPECT_TRUE(world.decide().status.claims[1].sweeping);

  world.domain.status.claims.pop_back();
  for (const char* wrong : {R"("ws-uid"})", R"("a uid, with=words"})", R"(""})", "7}"}) {
    world.publish_pods[0].containers[0].message = told + wrong;
    EXPECT_EQ(world.decide().status.claims.size(), 1U) << wrong;
  }
}

TEST(DataDomainPolicy, SweepsAWorkspaceThatIsGoneAndStillHasADagIdThatAnotherWants) {
  World world;
  world.domain.status = world.decide().status;
  PodRecord& pod = world.publish_pod_of("dd01");
  pod.workspace = "ws";
  pod.phase = PodPhase::failed;
  ContainerRecord& container = pod.containers.emplace_back();
  container.name = "publish";
  container.message = R"({"reason":"PreflightFailed","dagId":"orders","holderName":"former",)"
                      R"("holderNamespace":"team-a","holderUid":"former-uid"})";
  world.domain.status = world.decide().status;
  ASSERT_EQ(world.domain.status.claims.size(), 2U);
  EXPECT_EQ(world.domain.status.claims[1], (api::StorageClaim{"former", "team-a", Uid{"former-uid"}}));
  const auto asked = world.decide();
  ASSERT_EQ(asked.confirm.size(), 1U) << "it may live";
  EXPECT_FALSE(asked.create_pod);
  EXPECT_FALSE(asked.status.claims[1].sweeping);

  world.gone = {Uid{"former-uid"}};
  world.domain.status = world.decide().status;
  ASSERT_TRUE(world.domain.status.claims[1].sweeping);
  const auto sweep = world.decide().create_pod;
  ASSERT_TRUE(sweep);
  EXPECT_EQ((*sweep)["metadata"]["annotations"][render::kClaims], "former=former-uid");
}

TEST(DataDomainPolicy, MustHaveANameThatIsALabel) {
  for (const std::string& name : {std::string("dd.01"), std::string(64, 'd')}) {
    World world;
    world.domain.metadata.name = name;
    EXPECT_EQ(ready_reason(world.decide()), "InvalidName");
  }
}

TEST(DataDomainPolicy, TellsThatTheSweepPodIsRefusedAndTriesAgainLater) {
  World world;
  world.is_marked();
  const auto asked = world.decide().create_pod;
  ASSERT_TRUE(asked);
  world.sweep_refusal = {annotation(*asked, render::kPodHash), 1, "exceeded quota: pods", world.now};
  const auto decision = world.decide();
  const meta::Condition* failed = meta::find_condition(decision.status.conditions, "SweepFailed");
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->reason, "PodRefused");
  EXPECT_NE(failed->message.find("exceeded quota"), std::string::npos);
  EXPECT_FALSE(decision.create_pod);
  EXPECT_EQ(decision.wake_at, world.now + Millis{10'000});

  world.now = *decision.wake_at;
  EXPECT_TRUE(world.decide().create_pod);
}

TEST(DataDomainPolicy, TriesAtOnceASweepPodThatIsAnotherThanTheRefusedOne) {
  World world;
  world.is_marked();
  world.sweep_refusal = {"of another pod", 5, "exceeded quota: pods", world.now};
  const auto decision = world.decide();
  EXPECT_TRUE(decision.create_pod);
  EXPECT_EQ(meta::find_condition(decision.status.conditions, "SweepFailed"), nullptr);
}

TEST(DataDomainPolicy, TriesAgainASweepOfWhichNothingIsKnownButThatItFailed) {
  World world;
  world.is_marked();
  world.sweep_is(PodPhase::failed);
  ContainerRecord& container = world.sweep_pod->containers.emplace_back();
  container.name = "sweep";
  container.terminated = true;
  container.exit_code = 137;
  container.reason = "ContainerStatusUnknown";
  world.now = second(1'000);
  EXPECT_EQ(world.decide().delete_pods.size(), 1U);
}

TEST(DataDomainPolicy, ReplacesASweepPodThatWaitsForAnImageWhichIsNoLongerItsOwn) {
  World world;
  world.is_marked();
  world.sweep_is(PodPhase::pending);
  ContainerRecord& container = world.sweep_pod->containers.emplace_back();
  container.name = "sweep";
  container.waiting.make().reason = "ImagePullBackOff";
  EXPECT_TRUE(world.decide().delete_pods.empty());
  world.sweep_pod->storage.make().pod_hash = "of another --stage-image";
  EXPECT_EQ(world.decide().delete_pods.size(), 1U);
}

TEST(DataDomainPolicy, TellsOnceWhatASweepWaitedForUntilItsDeadline) {
  World world;
  world.is_marked();
  world.sweep_is(PodPhase::pending);
  ContainerRecord& container = world.sweep_pod->containers.emplace_back();
  container.name = "sweep";
  container.waiting.make().reason = "ImagePullBackOff";
  world.domain.status = world.decide().status;
  world.sweep_is(PodPhase::failed);
  world.sweep_pod->reason = "DeadlineExceeded";
  const auto decision = world.decide();
  EXPECT_EQ(meta::find_condition(decision.status.conditions, "SweepFailed")->reason, "ImagePullFailed");
  EXPECT_TRUE(decision.notes.empty());
}

TEST(DataDomainPolicy, DropsTheClaimBeforeTheSweepPodGoes) {
  World world;
  world.is_orphaned();
  world.sweep_is(PodPhase::succeeded);
  const auto first = world.decide();
  EXPECT_TRUE(first.status.claims.empty());
  EXPECT_TRUE(first.delete_pods.empty());
  world.domain.status = first.status;
  ASSERT_EQ(world.decide().delete_pods.size(), 1U);
}

TEST(DataDomainPolicy, KeepsTheClaimsThatASweepDidNotCover) {
  World world;
  world.is_orphaned();
  world.domain.status.claims.push_back({"later", "team-a", Uid{"later-uid"}});
  world.sweep_is(PodPhase::succeeded);
  EXPECT_EQ(world.decide().status.claims.size(), 1U);
}

TEST(DataDomainPolicy, TriesAFailedSweepAgainLater) {
  World world;
  world.is_orphaned();
  world.sweep_is(PodPhase::failed);
  const auto failed = world.decide();
  EXPECT_NE(meta::find_condition(failed.status.conditions, "SweepFailed"), nullptr);
  EXPECT_EQ(failed.wake_at, second(110));
  world.now = second(110);
  EXPECT_EQ(world.decide().delete_pods.size(), 1U);
}

}  // namespace
}  // namespace atelier::reconcile
