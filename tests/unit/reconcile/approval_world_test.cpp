// Approvals and the policy behind them, from the caches to the runs they concern.
#include <gtest/gtest.h>

#include <fstream>

#include "reconcile/wiring.h"
#include "support/source_dir.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using State = engine::ApprovalGuard::State;

struct ApprovalWorld : testing::RunWorld {
  ApprovalWorld() {
    const auto ignore = [](const ObjectKey&, kube::Priority) {};
    wire(world, Enqueue{ignore, ignore, ignore, ignore,
                        [this](const ObjectKey& key, kube::Priority) { looked_at.push_back(key.name); }, ignore});
  }

  static json approval(const std::string& name, const std::string& run) {
    json out = json::parse(R"({"metadata": {"namespace": "team-a", "creationTimestamp": "2026-01-01T00:00:00Z"},
      "spec": {"run": {"uid": "run-uid"}, "task": "go", "decision": "Approve", "user": "bob", "comment": "fine"}})");
    out["metadata"]["name"] = name;
    out["metadata"]["uid"] = name + "-uid";
    out["spec"]["run"]["name"] = run;
    return out;
  }
  static json stored(const std::string& name) {
    std::ifstream file(atelier::testing::source_dir() + "/tests/unit/reconcile/data/" + name + ".json");
    return json::parse(file);
  }
  void install() {
    add(world.approval_policies, stored("approval-policy"));
    add(world.approval_bindings, stored("approval-binding"));
  }
  std::vector<std::string> looked() { return std::exchange(looked_at, {}); }

  std::vector<std::string> looked_at;
};

using Names = std::vector<std::string>;

TEST(ApprovalWorld, FindsTheApprovalsOfARun) {
  ApprovalWorld now;
  json withdrawn = now.approval("c", "run-1");
  withdrawn["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  now.add(now.world.approvals, now.approval("a", "run-1"), now.approval("b", "run-2"), withdrawn);
  const auto found = now.world.approvals_of({"team-a", "run-1"});
  ASSERT_EQ(found.size(), 1U) << "not one of another run, and not one that is being deleted";
  EXPECT_EQ(found[0].name, "a");
  EXPECT_EQ(format_time(found[0].created), "2026-01-01T00:00:00Z");
  EXPECT_EQ(found[0].spec.run, (api::RunReference{"run-1", Uid{"run-uid"}}));
  EXPECT_EQ(found[0].spec.user, "bob");
  EXPECT_TRUE(now.world.approvals_of({"team-b", "run-1"}).empty());
}

TEST(ApprovalWorld, AnApprovalWithoutACreationTimeIsOlderThanEveryPolicy) {
  ApprovalWorld now;
  json made = now.approval("a", "run-1");
  made["metadata"].erase("creationTimestamp");
  now.add(now.world.approvals, made);
  EXPECT_EQ(now.world.approvals_of({"team-a", "run-1"})[0].created, WallTime{});
}

TEST(ApprovalWorld, LooksAtTheRunOfAnApprovalThatComesOrGoes) {
  ApprovalWorld now;
  now.add(now.world.approvals, now.approval("a", "run-1"));
  EXPECT_EQ(now.looked(), Names{"run-1"});
  now.add(now.world.approvals);
  EXPECT_EQ(now.looked(), Names{"run-1"});
}

TEST(ApprovalWorld, KnowsNothingOfThePolicyUntilBothItsPartsAreListed) {
  ApprovalWorld now;
  EXPECT_EQ(now.world.approval_guard().state, State::unknown);
  now.add(now.world.approval_policies, now.stored("approval-policy"));
  EXPECT_EQ(now.world.approval_guard().state, State::unknown);
  now.add(now.world.approval_bindings);
  EXPECT_EQ(now.world.approval_guard().state, State::absent);
  now.add(now.world.approval_bindings, now.stored("approval-binding"));
  EXPECT_EQ(now.world.approval_guard().state, State::in_force);
}

TEST(ApprovalWorld, LooksAtRunsThatAreNotOverWheneverTheVerdictOnThePolicyChanges) {
  ApprovalWorld now;
  json over = now.run;
  over["metadata"]["name"] = "over";
  over["status"] = {{"completionTime", "2026-01-01T00:00:00Z"}};
  now.add(now.world.runs, now.run, over);
  now.looked();
  now.add(now.world.approval_policies);
  EXPECT_EQ(now.looked(), Names{}) << "still nothing known";
  now.add(now.world.approval_bindings);
  EXPECT_EQ(now.looked(), Names{"run-1"}) << "there is none, which is no change of any object";
  now.add(now.world.approval_bindings);
  EXPECT_EQ(now.looked(), Names{});
  now.install();
  EXPECT_EQ(now.looked(), (Names{"run-1", "run-1"})) << "the binding is what is missing, then nothing";
  now.install();
  EXPECT_EQ(now.looked(), Names{});
}

TEST(ApprovalWorld, NothingElseWaitsForThePolicy) {
  ApprovalWorld now;
  now.add(now.world.deployments);
  EXPECT_FALSE(now.world.synced());
  now.add(now.world.approvals);
  EXPECT_TRUE(now.world.synced()) << "a cluster may not serve admission policies at all";
  EXPECT_FALSE(now.world.tenancy_synced()) << "which nothing but BusinessDomains waits for";
  now.add(now.world.namespaces);
  for (auto* parts : {&now.world.quotas, &now.world.limits, &now.world.policies, &now.world.bindings}) now.add(*parts);
  EXPECT_TRUE(now.world.tenancy_synced());
}

TEST(ApprovalWorld, AsksForThePolicyByItsName) {
  World world;
  int narrowed = 0;
  for (const auto& [cache, scope] : world.watched()) {
    if (scope.resource.group != "admissionregistration.k8s.io") continue;
    EXPECT_EQ(scope.field_selector, "metadata.name=atelier-approvals") << "the role allows no more";
    ++narrowed;
  }
  EXPECT_EQ(narrowed, 2);
}

}  // namespace
}  // namespace atelier::reconcile
