#include "reconcile/data_domain_policy.h"

#include <gtest/gtest.h>

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
    return reconcile::decide(input);
  }

  // The Workspace has published and was deleted.
  void is_orphaned() {
    domain.status.claims = {{"ws", "team-a", Uid{"ws-uid"}}};
    has_workspace = false;
  }

  void sweep_is(PodPhase phase) {
    sweep_pod.emplace();
    sweep_pod->name = "sweep";
    sweep_pod->uid = Uid{"sweep-uid"};
    sweep_pod->component = "sweep";
    sweep_pod->claims = "ws=ws-uid";
    sweep_pod->phase = phase;
    sweep_pod->created = second(50);
  }

  api::BusinessDomain tenant;
  api::DataDomain domain;
  api::Workspace workspace;
  std::vector<api::DataDomain> neighbours;
  std::vector<PodRecord> publish_pods;
  std::optional<PodRecord> sweep_pod;
  std::set<Uid> gone;
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
  ASSERT_TRUE(decision.create_pod);
  EXPECT_EQ(decision.create_pod->dump().find("b-uid"), std::string::npos);
  EXPECT_TRUE(decision.confirm.empty());
}

TEST(DataDomainPolicy, DoesNotSweepWhileAPublishPodCouldBringTheNameBack) {
  World world;
  world.is_orphaned();
  world.gone = {Uid{"ws-uid"}};
  world.publish_pods.resize(1);
  world.publish_pods[0].name = "publish";
  world.publish_pods[0].uid = Uid{"pod-uid"};
  world.publish_pods[0].workspace_uid = Uid{"ws-uid"};
  const auto decision = world.decide();
  EXPECT_FALSE(decision.create_pod);
  ASSERT_EQ(decision.delete_pods.size(), 1U);
  EXPECT_EQ(decision.delete_pods[0].second, Uid{"pod-uid"});
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
