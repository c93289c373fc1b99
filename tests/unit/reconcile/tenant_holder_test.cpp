// A DataDomain is admitted by whose its namespace is, and not by whoever lists it.
#include <gtest/gtest.h>

#include "reconcile/business_domain_reconciler.h"
#include "reconcile/data_domain_reconciler.h"
#include "reconcile/run_reconciler.h"
#include "reconcile/workspace_reconciler.h"
#include "support/fake_loop.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

struct Holders : testing::RunWorld {
  static json tenant(const std::string& name, const std::string& ns, const char* created) {
    return {{"metadata", {{"name", name}, {"uid", name + "-uid"}, {"creationTimestamp", created}}},
            {"spec", {{"namespaces", {ns}}}}};
  }
  void only_bd(const std::string& ns = "bd01") { add(world.tenants, tenant("bd", ns, "2026-01-02T00:00:00Z")); }
  void another_is_older() {
    add(world.tenants, tenant("bd", "bd01", "2026-01-02T00:00:00Z"), tenant("older", "bd01", "2026-01-01T00:00:00Z"));
  }
  // Of the status that is written; the object's, as the API server would have it.
  static json status_in(const kube::Plan& plan) {
    for (const kube::Write& write : plan.writes) {
      if (write.id == "write status") return json::parse(write.request.body)["status"];
    }
    return json::object();
  }
  static std::string said(const kube::Plan& plan, const std::string& type) {
    const json status = status_in(plan);
    for (const json& one : status.value("conditions", json::array())) {
      if (one["type"] == type) return one["reason"].get<std::string>() + ": " + one["message"].get<std::string>();
    }
    return "";
  }
  std::string domain_says(const ObjectKey& key = {"bd01", "dd01"}) {
    DataDomainReconciler reconciler{world, "stage:1"};
    return said(reconciler.reconcile(key, {}, second(1)), "Ready");
  }
};

TEST(TenantHolder, ADataDomainInANamespaceOfAnOlderTenantIsNotAdmitted) {
  Holders world;
  world.only_bd();
  EXPECT_TRUE(world.domain_says().starts_with("Admitted")) << world.domain_says();
  world.another_is_older();
  EXPECT_TRUE(world.domain_says().starts_with("NotAdmitted: BusinessDomain \"bd\" does not own the namespace \"bd01\""))
      << world.domain_says();
}

TEST(TenantHolder, NorIsOneInANamespaceOfTheCluster) {
  Holders world;
  world.only_bd("default");
  world.add(world.world.domains, json::parse(R"({
    "metadata": {"name": "dd01", "namespace": "default", "uid": "dd-uid"},
    "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}}})"));
  EXPECT_TRUE(world.domain_says({"default", "dd01"}).starts_with("NotAdmitted"))
      << world.domain_says({"default", "dd01"});
}

TEST(TenantHolder, NorIsOneInTheOperatorsNamespace) {
  Holders world;
  world.only_bd();
  world.world.operator_namespace = "bd01";
  EXPECT_TRUE(world.domain_says().starts_with("NotAdmitted")) << world.domain_says();
}

TEST(TenantHolder, WhatTheTenantDoesNotHoldIsNotCounted) {
  Holders world;
  world.another_is_older();
  BusinessDomainReconciler reconciler{world.world};
  const json status = Holders::status_in(reconciler.reconcile({"", "bd"}, {}, second(1)));
  ASSERT_TRUE(status.contains("conditions"));
  EXPECT_EQ(status.value("dataDomains", 0), 0);
}

TEST(TenantHolder, ItsWorkspacesAndRunsWait) {
  Holders world;
  world.another_is_older();
  WorkspaceReconciler workspaces{world.world, "stage:1"};
  const std::string workspace = Holders::said(workspaces.reconcile({"team-a", "ws"}, {}, second(1)), "Ready");
  EXPECT_TRUE(workspace.starts_with("DataDomainNotReady")) << workspace;
  atelier::testing::FakeLoop loop;
  LateCreates late{loop};
  RunReconciler runs{world.world, late, "stage:1"};
  kube::Feedback read;
  for (const char* what : {"read pipelines/daily", "read workspaces/ws"}) {
    read.results.emplace(what, json{{"metadata", {{"resourceVersion", "1"}}}});
  }
  const std::string run = Holders::said(runs.reconcile({"team-a", "run-1"}, read, second(1)), "Succeeded");
  EXPECT_TRUE(run.starts_with("NotAdmitted")) << run;
}

}  // namespace
}  // namespace atelier::reconcile
