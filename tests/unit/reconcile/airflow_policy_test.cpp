#include "reconcile/airflow_policy.h"

#include <gtest/gtest.h>

#include "reconcile/merge_diff.h"
#include "render/airflow_env.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using MapSight = Sight<EnvMapRecord>;
using WorkloadSight = Sight<WorkloadRecord>;

WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

// A DataDomain with one variable, in a cluster that does what it is told.
struct Airflow {
  Airflow() {
    domain.metadata.name = "dd01";
    domain.metadata.ns = "bd01";
    domain.metadata.uid = Uid{"dd-uid"};
    domain.metadata.generation = 4;
    env.variables = {{"A", "x"}};
    env.workspaces = 1;
  }

  AirflowDecision decide() {
    AirflowInput input{.domain = domain, .any_variables = any_variables, .env = env, .now = now};
    input.map = map;
    input.map_refusal = map_refusal;
    input.workloads = workloads_of(domain.spec);
    for (std::size_t i = 0; i < input.workloads.size(); ++i) {
      if (i < workloads.size()) input.workloads[i].seen = workloads[i];
      if (i < refusals.size()) input.workloads[i].refusal = refusals[i];
    }
    status = domain.status;
    return decide_airflow(input, status);
  }

  // Step by step until nothing is to be written.
  void settle() {
    for (int i = 0; i < 10; ++i) {
      const bool had_looked = !map.is(MapSight::State::unknown);
      AirflowDecision decision = decide();
      const bool at_rest =
          domain.status == status && !decision.create_map && !decision.mend_map && decision.restarts.empty();
      domain.status = status;
      if (decision.create_map) {
        object = *decision.create_map;
        object["metadata"]["uid"] = "map-uid";
        object["metadata"]["resourceVersion"] = "1";
      }
      if (decision.mend_map) object.merge_patch(*decision.mend_map);
      for (const auto& restart : decision.restarts) {
        workloads[restart.workload].record.env_hash =
            restart.patch["spec"]["template"]["metadata"]["annotations"][render::kAirflowEnvHash];
        workloads[restart.workload].record.rolled_out = false;
        ++rollouts;
      }
      if (decision.look) map = object.is_null() ? MapSight{MapSight::State::absent, {}, {}} : seen();
      if (at_rest && (had_looked || !decision.look)) return;
    }
    ADD_FAILURE() << "it never comes to rest";
  }

  MapSight seen() const { return {MapSight::State::there, env_map_record(object), {}}; }

  void names(std::vector<std::string> deployments, WorkloadRecord record) {
    domain.spec.airflow.emplace().restart.deployments = std::move(deployments);
    workloads.assign(domain.spec.airflow->restart.deployments.size(), {WorkloadSight::State::there, record, {}});
  }

  std::string said(const char* type = "AirflowEnv") const {
    const meta::Condition* found = meta::find_condition(status.conditions, type);
    return found == nullptr ? "" : std::string(meta::to_string(found->status)) + " " + found->reason;
  }
  std::string message(const char* type = "AirflowEnv") const {
    return meta::find_condition(status.conditions, type)->message;
  }

  api::DataDomain domain;
  api::DataDomainStatus status;
  AirflowEnv env;
  json object;
  MapSight map;
  RefusedWrite map_refusal;
  std::vector<WorkloadSight> workloads;
  std::vector<RefusedWrite> refusals;
  int rollouts = 0;
  bool any_variables = true;
  WallTime now = second(100);
};

TEST(AirflowPolicy, ADataDomainThatNobodyAsksForAnEnvironmentHasNone) {
  Airflow airflow;
  airflow.any_variables = false;
  EXPECT_FALSE(airflow.decide().look);
  EXPECT_EQ(airflow.status, airflow.domain.status);
  airflow.domain.spec.airflow.emplace();
  airflow.env = {};
  airflow.settle();
  EXPECT_EQ(airflow.object["data"], json::object()) << "it is there before the first variable";
}

TEST(AirflowPolicy, TheConfigMapIsNotedInStatusBeforeItIsMade) {
  Airflow airflow;
  AirflowDecision decision = airflow.decide();
  EXPECT_FALSE(decision.look || decision.create_map);
  EXPECT_EQ(airflow.status.airflow->config_map, "dd01-airflow-env");
  airflow.domain.status = airflow.status;
  EXPECT_TRUE(airflow.decide().look);
  airflow.map = {MapSight::State::absent, {}, {}};
  decision = airflow.decide();
  ASSERT_TRUE(decision.create_map);
  const json& metadata = (*decision.create_map)["metadata"];
  EXPECT_EQ(metadata["namespace"], "bd01");
  EXPECT_EQ(metadata["labels"]["app.kubernetes.io/managed-by"], "atelier");
  EXPECT_EQ(metadata["ownerReferences"][0]["uid"], "dd-uid");
  EXPECT_EQ((*decision.create_map)["data"], (json{{"A", "x"}}));
  EXPECT_TRUE(airflow.status.airflow->hash.empty()) << "what is not seen there is not said to be";
}

TEST(AirflowPolicy, ItIsWrittenOnlyWhenItIsNotAsItShouldBe) {
  Airflow airflow;
  airflow.settle();
  EXPECT_EQ(airflow.said(), "True Merged");
  EXPECT_EQ(airflow.status.airflow->variables, 1);
  airflow.object["metadata"]["labels"]["somebody's"] = "own";
  airflow.map = airflow.seen();
  airflow.now = second(700);
  const AirflowDecision decision = airflow.decide();
  EXPECT_FALSE(decision.mend_map || decision.create_map);
  EXPECT_EQ(airflow.status, airflow.domain.status);
  EXPECT_EQ(decision.wake_at, second(1300)) << "it is looked at again";
}

TEST(AirflowPolicy, WhatSomebodyElsePutsThereIsTakenOutAndIsNoChange) {
  Airflow airflow;
  airflow.settle();
  const auto before = airflow.status.airflow;
  airflow.object["data"] = {{"A", "other"}, {"AIRFLOW__CORE__FERNET_KEY", "stolen"}};
  airflow.object["binaryData"] = {{"B", "eA=="}};
  airflow.object["metadata"]["labels"].erase("app.kubernetes.io/managed-by");
  airflow.map = airflow.seen();
  airflow.now = second(200);
  const AirflowDecision decision = airflow.decide();
  ASSERT_TRUE(decision.mend_map);
  EXPECT_EQ((*decision.mend_map)["metadata"]["uid"], "map-uid");
  EXPECT_EQ((*decision.mend_map)["metadata"]["resourceVersion"], "1");
  airflow.settle();
  EXPECT_EQ(airflow.object["data"], (json{{"A", "x"}}));
  EXPECT_EQ(airflow.object["binaryData"], json::object());
  EXPECT_EQ(airflow.status.airflow, before);
  airflow.object["binaryData"] = {{"B", "eA=="}};
  airflow.map = airflow.seen();
  EXPECT_TRUE(airflow.decide().mend_map) << "also where that is all there is";
  airflow.settle();
  airflow.object["metadata"]["labels"].erase("atelier.dev/data-domain");
  airflow.map = airflow.seen();
  EXPECT_TRUE(airflow.decide().mend_map);
}

TEST(AirflowPolicy, WhenAllHaveLeftItIsEmptyAndStays) {
  Airflow airflow;
  airflow.settle();
  airflow.env = {};
  airflow.any_variables = false;
  airflow.now = second(300);
  airflow.settle();
  EXPECT_EQ(airflow.object["data"], json::object());
  EXPECT_EQ(airflow.status.airflow->change_time, second(300));
  EXPECT_EQ(airflow.message().find("0 variables of 0 workspaces"), 0U) << airflow.message();
}

TEST(AirflowPolicy, AForeignConfigMapIsLeftAlone) {
  for (const char* owner : {"", "of-a-former-one"}) {
    Airflow airflow;
    airflow.settle();
    airflow.map.record.owner = Uid{owner};
    airflow.map.record.content["data"] = {{"MINE", "1"}};
    const AirflowDecision decision = airflow.decide();
    EXPECT_FALSE(decision.create_map || decision.mend_map);
    EXPECT_EQ(airflow.said(), "False NameTaken");
    EXPECT_EQ(airflow.status.airflow->hash, "") << "so that no Workspace says that its variables are there";
    EXPECT_EQ(decision.notes.size(), 1U);
  }
}

TEST(AirflowPolicy, ARefusalIsToldAndTriedAgainInAWhile) {
  Airflow airflow;
  airflow.domain.status.airflow.emplace().config_map = "dd01-airflow-env";
  airflow.map = {MapSight::State::refused, {}, "no get for you"};
  AirflowDecision decision = airflow.decide();
  EXPECT_EQ(airflow.said(), "False ConfigMapRefused");
  EXPECT_NE(airflow.message().find("no get for you"), std::string::npos);
  EXPECT_EQ(decision.wake_at, second(160));
  airflow.map = {MapSight::State::absent, {}, {}};
  airflow.map_refusal = {render::airflow_env_hash(airflow.env.variables), 1, "exceeded quota", second(95)};
  decision = airflow.decide();
  EXPECT_FALSE(decision.create_map);
  EXPECT_EQ(decision.wake_at, second(105));
  airflow.now = second(105);
  EXPECT_TRUE(airflow.decide().create_map);
  EXPECT_EQ(airflow.said(), "False ConfigMapRefused") << "until the answer says otherwise";
}

TEST(AirflowPolicy, AConflictAndWhatHasNoRoomAreTold) {
  Airflow airflow;
  airflow.env.clashes = {{"SHARED", {"team-a", "older"}, {"team-b", "younger"}},
                         {"B", {"team-a", "older"}, {"team-b", "c"}}};
  airflow.settle();
  EXPECT_EQ(airflow.said(), "False EnvConflict");
  for (const char* word : {"SHARED", "team-a/older", "team-b/younger", "(and 1 more)"}) {
    EXPECT_NE(airflow.message().find(word), std::string::npos) << airflow.message();
  }
  airflow.env.no_room = {{"LONG", {"team-b", "c"}}};
  airflow.settle();
  EXPECT_EQ(airflow.said(), "False EnvTooLarge");
}

TEST(AirflowPolicy, NothingIsStartedAnewUnlessAsked) {
  Airflow airflow;
  airflow.settle();
  airflow.now = second(1000);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "") << "nobody knows";
}

TEST(AirflowPolicy, WhatIsAskedForIsStartedAnewOnceForEachContentAfterAWhileWithoutChange) {
  Airflow airflow;
  airflow.names({"web", "scheduler"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False Restarting");
  EXPECT_EQ(airflow.decide().wake_at, second(110));
  airflow.now = second(110);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 2);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False Restarting");
  for (WorkloadSight& one : airflow.workloads) one.record.rolled_out = true;
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "True Restarted");
  airflow.now = second(2000);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 2);
  for (const char* value : {"y", "z"}) {
    airflow.env.variables["A"] = value;
    airflow.settle();
  }
  airflow.now = second(2010);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 4) << "two changes in a row are one rollout";
}

TEST(AirflowPolicy, WhatDoesNotTakeTheConfigMapIsNotStartedAnewAndTold) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, false, "", true});
  airflow.settle();
  airflow.now = second(200);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False EnvNotMounted");
  EXPECT_NE(airflow.message("AirflowCurrent").find("envFrom: [{configMapRef: {name: dd01-airflow-env}}]"),
            std::string::npos);
  EXPECT_EQ(airflow.said(), "True Merged");
}

TEST(AirflowPolicy, WhatIsNotThereOrNotGrantedIsTold) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  airflow.now = second(200);
  airflow.workloads = {{WorkloadSight::State::absent, {}, {}}};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False WorkloadNotFound");
  airflow.workloads = {{WorkloadSight::State::refused, {}, "no get for you"}};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RestartRefused");
  EXPECT_NE(airflow.message("AirflowCurrent").find("deploy/airflow-restart.yaml"), std::string::npos);
  airflow.workloads = {{WorkloadSight::State::there, {Uid{"d"}, true, "", true}, {}}};
  airflow.refusals = {{render::airflow_env_hash(airflow.env.variables), 1, "no patch for you", second(195)}};
  EXPECT_TRUE(airflow.decide().restarts.empty());
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RestartRefused");
  airflow.now = second(205);
  EXPECT_EQ(airflow.decide().restarts.size(), 1U);
}

TEST(AirflowPolicy, WhatTheSpecDoesNotNameAnyMoreIsNotSpokenOf) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, false, "", true});
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False EnvNotMounted");
  airflow.domain.spec.airflow->restart = {};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "");
}

TEST(AirflowRecord, AWorkloadTakesTheEnvironmentAsAWholeOrByKey) {
  json web = json::parse(R"({"kind": "Deployment", "metadata": {"uid": "d", "generation": 2},
    "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "side"}, {"name": "web"}]}}},
    "status": {"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}})");
  EXPECT_FALSE(workload_record(web, "env").takes_env);
  EXPECT_TRUE(workload_record(web, "env").rolled_out);
  json& container = web["spec"]["template"]["spec"]["containers"][1];
  container["envFrom"] = json::parse(R"([{"secretRef": {"name": "env"}}, {"configMapRef": {"name": "other"}}])");
  EXPECT_FALSE(workload_record(web, "env").takes_env);
  container["envFrom"][1]["configMapRef"]["name"] = "env";
  EXPECT_TRUE(workload_record(web, "env").takes_env);
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

}  // namespace
}  // namespace atelier::reconcile
