#include "reconcile/airflow_policy.h"

#include <gtest/gtest.h>

#include "render/airflow_env.h"
#include "unit/reconcile/airflow_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::Airflow;
using testing::second;
using MapSight = Sight<EnvMapRecord>;

TEST(AirflowPolicy, ADataDomainThatNobodyAsksForAnEnvironmentHasNone) {
  Airflow airflow;
  airflow.env.taken.clear();
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
  airflow.env.losses.clashes = {2, "SHARED", {"team-b", "younger"}, {"team-a", "older"}};
  airflow.settle();
  EXPECT_EQ(airflow.said(), "False EnvConflict");
  for (const char* word : {"SHARED", "team-a/older", "team-b/younger", "(and 1 more)"}) {
    EXPECT_NE(airflow.message().find(word), std::string::npos) << airflow.message();
  }
  airflow.env.losses.no_room = {1, "LONG", {"team-b", "c"}, {}};
  airflow.settle();
  EXPECT_EQ(airflow.said(), "False EnvTooLarge");
}

TEST(AirflowPolicy, NothingIsWrittenFromACacheThatIsOlderThanTheLook) {
  Airflow airflow;
  airflow.settle();
  airflow.object["data"] = {{"A", "newer"}};
  airflow.map = airflow.seen();
  airflow.is_fresh = false;
  AirflowDecision decision = airflow.decide();
  EXPECT_TRUE(decision.look);
  EXPECT_FALSE(decision.create_map || decision.mend_map);
  EXPECT_EQ(airflow.status, airflow.domain.status);
  EXPECT_EQ(decision.wake_at, second(110));
  airflow.is_fresh = true;
  EXPECT_TRUE(airflow.decide().mend_map);
}

}  // namespace
}  // namespace atelier::reconcile
