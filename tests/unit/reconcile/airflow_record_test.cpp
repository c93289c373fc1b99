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

}  // namespace
}  // namespace atelier::reconcile
