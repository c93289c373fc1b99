#include "reconcile/airflow_envs.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using Variables = std::map<std::string, std::string>;

struct Envs : testing::RunWorld {
  Envs() {
    domain = json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}},
      "status": {"claims": [{"name": "ws", "namespace": "team-a", "uid": "ws-uid"}],
                 "conditions": [{"type": "Ready", "status": "True", "reason": "Admitted", "message": "",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})");
    add(world.domains, domain);
    gives("x", 1);
  }
  void gives(const std::string& value, int generation) {
    workspace["metadata"]["generation"] = generation;
    workspace["spec"]["airflow"]["extraEnv"] = json::array({{{"name", "A"}, {"value", value}}});
    add(world.workspaces, workspace);
  }
  Variables now() {
    return envs.of(world, world.domains.get({"bd01", "dd01"}), world.tenants.get({"", "bd"})).variables;
  }

  json domain;
  AirflowEnvs envs;
};

TEST(AirflowEnvs, AreMergedAgainWhenAnythingTheyAreMadeOfChanges) {
  Envs envs;
  EXPECT_EQ(envs.now(), (Variables{{"A", "x"}}));
  envs.gives("y", 2);
  EXPECT_EQ(envs.now(), (Variables{{"A", "y"}}));
  envs.workspace["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  envs.gives("y", 2);
  EXPECT_EQ(envs.now(), Variables{});
  envs.workspace["metadata"].erase("deletionTimestamp");
  envs.gives("y", 2);
  EXPECT_EQ(envs.now(), (Variables{{"A", "y"}}));
  envs.domain["spec"]["workspaceNamespaces"] = json::array();
  envs.add(envs.world.domains, envs.domain);
  EXPECT_EQ(envs.now(), Variables{});
  envs.domain["spec"]["workspaceNamespaces"] = {"team-a"};
  envs.add(envs.world.domains, envs.domain);
  envs.add(envs.world.tenants,
           json::parse(R"({"metadata": {"name": "bd", "uid": "bd-uid"}, "spec": {"namespaces": ["b"]}})"));
  EXPECT_EQ(envs.now(), Variables{});
}

TEST(AirflowEnvs, AreNotMergedAgainForAStatus) {
  Envs envs;
  envs.now();
  envs.gives("unseen", 1);  // which no API server does: a spec changes with its generation
  EXPECT_EQ(envs.now(), (Variables{{"A", "x"}}));
}

}  // namespace
}  // namespace atelier::reconcile
