#include "reconcile/airflow_restart.h"

#include <gtest/gtest.h>

#include "render/airflow_env.h"
#include "unit/reconcile/airflow_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::Airflow;
using testing::second;
using WorkloadSight = Sight<WorkloadRecord>;

TEST(AirflowRestart, NothingIsStartedAnewUnlessAsked) {
  Airflow airflow;
  airflow.settle();
  airflow.now = second(1000);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "") << "nobody knows";
}

TEST(AirflowRestart, WhatIsAskedForIsStartedAnewOnceForEachContentAfterAWhileWithoutChange) {
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

TEST(AirflowRestart, WhatDoesNotTakeTheConfigMapIsNotStartedAnewAndTold) {
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

TEST(AirflowRestart, AMountOutOfWhichLinksLeadIsToldUntilItIsMended) {
  Airflow airflow;
  airflow.names({"web", "scheduler"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowDags"), "") << "nothing of them mounts the claim";
  airflow.workloads[1].record.dags = {true, {"container \"s\" mounts its subPath dd01/dags"}};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowDags"), "False MountDangles");
  EXPECT_NE(airflow.message("AirflowDags").find("of Deployment scheduler container \"s\" mounts its subPath dd01/dags"),
            std::string::npos)
      << airflow.message("AirflowDags");
  airflow.workloads[1].record.dags = {true, {}};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowDags"), "True Mounted");
  airflow.workloads[1].record.dags = {};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowDags"), "");
}

TEST(AirflowRestart, WhatIsNotThereOrNotGrantedIsTold) {
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
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RestartRefused");
  airflow.now = second(205);
  EXPECT_EQ(airflow.decide().restarts.size(), 1U);
}

TEST(AirflowRestart, WhatTheSpecDoesNotNameAnyMoreIsNotSpokenOf) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, false, "", true});
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False EnvNotMounted");
  airflow.domain.spec.airflow->restart = {};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "");
}

TEST(AirflowRestart, IsNotedBeforeItIsDone) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true, "9"});
  airflow.settle();
  airflow.now = second(110);
  AirflowDecision decision = airflow.decide();
  EXPECT_TRUE(decision.restarts.empty());
  ASSERT_EQ(airflow.status.airflow->restarts.size(), 1U);
  EXPECT_EQ(airflow.status.airflow->restarts[0].hash, airflow.status.airflow->hash);
  airflow.domain.status = airflow.status;
  decision = airflow.decide();
  ASSERT_EQ(decision.restarts.size(), 1U);
  EXPECT_EQ(decision.restarts[0].patch["metadata"], (json{{"uid", "d"}, {"resourceVersion", "9"}}));
  EXPECT_EQ(airflow.decide().restarts.size(), 1U) << "whoever comes after a crash does what was noted";
}

TEST(AirflowRestart, WhatSomebodyTakesBackIsToldAndNotDoneAgain) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  airflow.now = second(110);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 1);
  for (int at = 120; at < 100'000; at += 600) {
    airflow.workloads[0].record = {Uid{"d"}, true, "", true};
    airflow.now = second(at);
    airflow.settle();
  }
  EXPECT_EQ(airflow.rollouts, 1);
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RestartReverted");
  airflow.env.variables["A"] = "y";
  airflow.settle();
  airflow.now += Millis{10'000};
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 2) << "once for the next content";
  airflow.workloads[0].record = {Uid{"made anew"}, true, "", true};
  airflow.now += Millis{600'000};
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 3) << "another one of that name was not taken back";
}

TEST(AirflowRestart, OneThatTheServerTookAndDoesNotShowIsNotTriedAgain) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  airflow.now = second(110);
  airflow.decide();
  airflow.domain.status = airflow.status;
  airflow.refusals.resize(1);
  airflow.refusals[0].asking(airflow.domain.status.airflow->hash);
  airflow.refusals[0].take_back(airflow.now);
  airflow.now = second(5000);
  EXPECT_TRUE(airflow.decide().restarts.empty());
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RestartReverted");
}

TEST(AirflowRestart, WhoChangesTheContentAllTheTimeNeitherHoldsItUpNorDrivesIt) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  for (int at = 100; at < 100 + 3600; at += 5) {
    airflow.now = second(at);
    airflow.env.variables["A"] = std::to_string(at);
    airflow.settle();
    airflow.workloads[0].record.rolled_out = true;
  }
  EXPECT_GE(airflow.rollouts, 5);
  EXPECT_LE(airflow.rollouts, 6);
  airflow.domain.spec.airflow->restart.min_interval = Millis{60'000};
  const int before = airflow.rollouts;
  for (int at = 3700; at < 3700 + 600; at += 5) {
    airflow.now = second(at);
    airflow.env.variables["A"] = std::to_string(at);
    airflow.settle();
    airflow.workloads[0].record.rolled_out = true;
  }
  EXPECT_GE(airflow.rollouts - before, 5) << "the spec has another interval";
}

TEST(AirflowRestart, ARolloutUnderWayIsLeftToEndForAWhile) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", false});
  airflow.workloads[0].record.rolling = true;
  airflow.settle();
  airflow.now = second(200);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 0);
  airflow.now = second(700);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 1) << "it may be stuck on what the change mends";
}

TEST(AirflowRestart, NothingIsStartedAnewWhileTheDataDomainIsNotReady) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  airflow.now = second(110);
  airflow.settle();
  airflow.workloads[0].record.rolled_out = true;
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "True Restarted");
  const AirflowEnv env = airflow.env;
  airflow.ready(meta::ConditionStatus::false_);
  airflow.env = {};
  for (int at = 1000; at < 4000; at += 600) {
    airflow.now = second(at);
    airflow.settle();
  }
  EXPECT_EQ(airflow.object["data"], json::object());
  airflow.ready(meta::ConditionStatus::true_);
  airflow.env = env;
  airflow.settle();
  airflow.now = second(5000);
  airflow.settle();
  EXPECT_EQ(airflow.rollouts, 1) << "it runs with what is there again";
  EXPECT_EQ(airflow.said("AirflowCurrent"), "True Restarted");
}

TEST(AirflowRestart, WhatIsRestartedStaysSoUntilTheContentChanges) {
  Airflow airflow;
  airflow.names({"web"}, {Uid{"d"}, true, "", true});
  airflow.settle();
  airflow.now = second(110);
  airflow.settle();
  airflow.workloads[0].record.held = "it is paused";
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False RolloutHeld");
  airflow.workloads[0].record.held.clear();
  airflow.workloads[0].record.rolled_out = true;
  airflow.workloads[0].record.lacking = {"side"};
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "True Restarted");
  EXPECT_NE(airflow.message("AirflowCurrent").find("Deployment web do not take it: side"), std::string::npos);
  airflow.workloads[0].record.rolled_out = false;
  airflow.settle();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "True Restarted") << "a pod that is not ready is no restart";
  airflow.env.variables["A"] = "y";
  while (airflow.domain.status.airflow->hash == render::airflow_env_hash({{"A", "x"}})) airflow.step();
  EXPECT_EQ(airflow.said("AirflowCurrent"), "False Restarting") << "in the status write that has the new hash";
}

}  // namespace
}  // namespace atelier::reconcile
