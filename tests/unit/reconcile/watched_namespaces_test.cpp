// What an operator of chosen namespaces says where a cluster's would ask a BusinessDomain.
#include "reconcile/watched_namespaces.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "reconcile/data_domain_policy.h"
#include "reconcile/grants.h"
#include "reconcile/tenant_holder.h"
#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

std::string ready_of(const meta::Conditions& conditions) {
  const meta::Condition* ready = meta::find_condition(conditions, "Ready");
  return ready == nullptr ? "" : ready->reason + ": " + ready->message;
}

struct Chosen : testing::WorkspaceWorld {
  WatchedNamespaces watches{{"bd01", "team-a"}};

  DataDomainDecision decide_domain() const {
    const World world{watches};
    const auto owner = tenant_of(world, domain);
    DataDomainInput input{.domain = domain, .watches = watches, .stage_image = "stage:1", .now = now};
    input.tenant = owner.get();
    return reconcile::decide(input);
  }
};

TEST(WatchedNamespaces, AreAllUnlessSomeWereChosen) {
  EXPECT_TRUE(WatchedNamespaces{}.contains("any"));
  EXPECT_TRUE((WatchedNamespaces{{"a"}}).contains("a"));
  EXPECT_FALSE((WatchedNamespaces{{"a"}}).contains("b"));
}

// Those of others would cost memory for nothing.
TEST(WatchedNamespaces, OfPodsAndDeploymentsOnlyTheOperatorsAreWatched) {
  for (const WatchedNamespaces& watches : {WatchedNamespaces{}, WatchedNamespaces{{"a", "b"}}}) {
    World world{watches};
    std::map<std::string, std::set<std::string>> selectors;
    for (const auto& [cache, scope] : world.watched()) selectors[scope.resource.plural].insert(scope.label_selector);
    const std::set<std::string> ours{"app.kubernetes.io/managed-by=atelier"};
    EXPECT_EQ(selectors.at("pods"), ours);
    EXPECT_EQ(selectors.at("deployments"), ours);
    EXPECT_EQ(selectors.at("controllerrevisions").count(""), 0U);
  }
}

TEST(WatchedNamespaces, AdmitADataDomainWithoutItsBusinessDomainAndSaySo) {
  Chosen world;
  const std::string said = ready_of(world.decide_domain().status.conditions);
  EXPECT_TRUE(said.starts_with("Admitted: ")) << said;
  EXPECT_NE(said.find("no BusinessDomain is asked, and what only one can grant is refused"), said.npos) << said;
  EXPECT_EQ(said.find("keep their names"), said.npos) << said;
}

TEST(WatchedNamespaces, OfAllNamespacesNoBusinessDomainIsStoodInFor) {
  Chosen world;
  EXPECT_EQ(tenant_of(World{}, world.domain), nullptr);
}

TEST(WatchedNamespaces, NothingIsGrantedInPlaceOfABusinessDomain) {
  Chosen world;
  const api::BusinessDomain tenant = stand_in_tenant(world.domain);
  api::PipelineSpec spec;
  spec.tasks.resize(1);
  spec.tasks[0].priority_class_name = "urgent";
  const auto refusal = beyond_grants(spec, world.workspace, &world.domain, &tenant);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, "NotGranted");
  EXPECT_EQ(
      refusal->message,
      "spec.tasks[0].priorityClassName: the priority class \"urgent\" needs the grant of a BusinessDomain, and this "
      "operator watches chosen namespaces only, where it sees none; do without");
}

TEST(WatchedNamespaces, AWorkspaceWhoseDataDomainIsElsewhereSaysSo) {
  Chosen world;
  EXPECT_EQ(beyond_sight(world.workspace, world.watches), std::nullopt);
  world.watches.chosen = {"team-a"};
  const auto refusal = beyond_sight(world.workspace, world.watches);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, "NamespaceNotWatched");
  EXPECT_TRUE(refusal->message.starts_with("spec.dataDomain: this operator does not watch the namespace \"bd01\""))
      << refusal->message;
}

TEST(WatchedNamespaces, AClaimOfAnotherNamespaceIsKeptAndNobodyIsAskedAboutIt) {
  Chosen world;
  EXPECT_EQ(world.decide_domain().confirm.size(), 1U) << "the Workspace is not in the cache";
  world.watches.chosen = {"bd01"};
  const DataDomainDecision decision = world.decide_domain();
  EXPECT_TRUE(decision.confirm.empty());
  EXPECT_EQ(decision.status.claims, world.domain.status.claims);
  const std::string said = ready_of(decision.status.conditions);
  EXPECT_TRUE(said.ends_with("Workspaces of namespaces that are not watched keep their names there: team-a")) << said;
}

TEST(WatchedNamespaces, ApprovalsAreRefusedSinceTheirPolicyCannotBeSeen) {
  const engine::ApprovalGuard guard = World{WatchedNamespaces{{"a"}}}.approval_guard();
  EXPECT_EQ(guard.state, engine::ApprovalGuard::State::absent);
  EXPECT_NE(guard.why.find("watches chosen namespaces only"), guard.why.npos) << guard.why;
}

}  // namespace
}  // namespace atelier::reconcile
