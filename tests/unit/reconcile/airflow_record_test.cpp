#include "reconcile/airflow_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace atelier::reconcile {
namespace {

using nlohmann::json;

TEST(AirflowRecord, AWorkloadTakesTheEnvironmentAsAWholeOrByKey) {
  json web = json::parse(R"({"kind": "Deployment", "metadata": {"uid": "d", "generation": 2},
    "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "side"}, {"name": "web"}]}}},
    "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}})");
  EXPECT_FALSE(workload_record(web, "env").takes_env);
  EXPECT_EQ(workload_record(web, "env").lacking, (std::vector<std::string>{"side", "web"}));
  EXPECT_TRUE(workload_record(web, "env").rolled_out);
  json& container = web["spec"]["template"]["spec"]["containers"][1];
  container["envFrom"] = json::parse(R"([{"secretRef": {"name": "env"}}, {"configMapRef": {"name": "other"}}])");
  EXPECT_FALSE(workload_record(web, "env").takes_env);
  container["envFrom"][1]["configMapRef"]["name"] = "env";
  EXPECT_TRUE(workload_record(web, "env").takes_env);
  EXPECT_EQ(workload_record(web, "env").lacking, (std::vector<std::string>{"side"}));
  container["envFrom"][1]["prefix"] = "X_";
  EXPECT_FALSE(workload_record(web, "env").takes_env) << "its variables have other names";
  container.erase("envFrom");
  container["env"] = json::parse(R"([{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "env", "key": "A"}}}])");
  EXPECT_TRUE(workload_record(web, "env").takes_env);
  web["metadata"]["generation"] = 3;
  EXPECT_FALSE(workload_record(web, "env").rolled_out);
}

TEST(AirflowRecord, AStatefulSetIsRolledOutWhenItsRevisionsAgree) {
  json workers = json::parse(R"({"kind": "StatefulSet", "metadata": {"uid": "s", "generation": 1}, "spec": {},
    "status": {"observedGeneration": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "b"}})");
  EXPECT_FALSE(workload_record(workers, "env").rolled_out);
  workers["status"]["currentRevision"] = "b";
  EXPECT_TRUE(workload_record(workers, "env").rolled_out);
  workers["spec"]["replicas"] = 0;
  EXPECT_FALSE(workload_record(workers, "env").rolled_out);
}

TEST(AirflowRecord, OfReplacedPodsOneThatIsMerelyNotReadyIsNone) {
  json web = json::parse(R"({"kind": "Deployment", "metadata": {"generation": 1}, "spec": {"replicas": 2},
    "status": {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 1}})");
  EXPECT_FALSE(workload_record(web, "env").rolling);
  web["status"]["updatedReplicas"] = 1;
  EXPECT_TRUE(workload_record(web, "env").rolling);
  web["spec"]["paused"] = true;
  EXPECT_FALSE(workload_record(web, "env").rolling);
  EXPECT_EQ(workload_record(web, "env").held, "it is paused");
  json workers = json::parse(R"({"kind": "StatefulSet", "metadata": {"generation": 1}, "spec": {"replicas": 2,
      "updateStrategy": {"type": "OnDelete"}},
    "status": {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "updatedReplicas": 1, "currentRevision": "a",
               "updateRevision": "b"}})");
  EXPECT_NE(workload_record(workers, "env").held.find("OnDelete"), std::string::npos);
  EXPECT_FALSE(workload_record(workers, "env").rolling);
  workers["spec"]["updateStrategy"] = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 1}}}};
  EXPECT_NE(workload_record(workers, "env").held.find("partition"), std::string::npos);
  workers["spec"].erase("updateStrategy");
  EXPECT_TRUE(workload_record(workers, "env").rolling);
  workers["status"]["updatedReplicas"] = 2;
  EXPECT_TRUE(workload_record(workers, "env").rolled_out);
}

api::DataDomainSpec domain_spec() {
  api::DataDomainSpec out;
  out.key = "dd01";
  out.storage.claim_name = "storage";
  return out;
}

json mounting(const json& mounts) {
  json out = json::parse(R"({"spec": {"template": {"spec": {"containers": [{"name": "web"}],
    "volumes": [{"name": "all", "persistentVolumeClaim": {"claimName": "storage"}},
                {"name": "other", "persistentVolumeClaim": {"claimName": "logs"}}]}}}})");
  out["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = mounts;
  return out;
}

TEST(AirflowRecord, LinksDangleWhereTheDagsAloneAreMounted) {
  const api::DataDomainSpec domain = domain_spec();
  for (const char* path : {"dd01/dags", "dd01/dags/", "dd01//dags", "dd01/./dags", "dd01/dags/ws"}) {
    const DagMounts found = dag_mounts(mounting({{{"name", "all"}, {"subPath", path}}}), domain);
    EXPECT_EQ(found.dangling.size(), 1U) << path;
  }
  for (const char* path : {"", "dd01", "dd01/", "dd01/dags2", "dd02/dags", "dags"}) {
    const DagMounts found = dag_mounts(mounting({{{"name", "all"}, {"subPath", path}}}), domain);
    EXPECT_TRUE(found.any) << path;
    EXPECT_TRUE(found.dangling.empty()) << path;
  }
  EXPECT_EQ(dag_mounts(mounting({{{"name", "all"}, {"subPath", "dd01/dags"}}}), domain).dangling.front(),
            "container \"web\" mounts its subPath dd01/dags");
}

TEST(AirflowRecord, OtherClaimsAndWorkloadsWithoutMountsSayNothing) {
  const api::DataDomainSpec domain = domain_spec();
  EXPECT_FALSE(dag_mounts(mounting({{{"name", "other"}, {"subPath", "dd01/dags"}}}), domain).any);
  EXPECT_FALSE(dag_mounts(mounting(json()), domain).any);
  EXPECT_FALSE(
      dag_mounts(json::parse(R"({"spec": {"template": {"spec": {"volumes": 3, "containers": "x"}}}})"), domain).any);
  EXPECT_FALSE(dag_mounts(json(), domain).any);
}

TEST(AirflowRecord, InitContainersSeeTheStorageToo) {
  json web = mounting(json());
  web["spec"]["template"]["spec"]["initContainers"] =
      json::array({{{"name", "sync"}, {"volumeMounts", {{{"name", "all"}, {"subPath", "dd01/dags"}}}}}});
  EXPECT_EQ(dag_mounts(web, domain_spec()).dangling.size(), 1U);
}

}  // namespace
}  // namespace atelier::reconcile
