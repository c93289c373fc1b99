#include "atelier/meta/condition.h"

#include <gtest/gtest.h>

namespace atelier::meta {
namespace {

WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

Condition ready(ConditionStatus status, std::string reason) {
  return {.type = "Ready", .status = status, .reason = std::move(reason), .message = "m", .observed_generation = 1};
}

TEST(Conditions, KeepTheTransitionTimeWhileTheStatusStays) {
  Conditions conditions;
  EXPECT_TRUE(set_condition(conditions, ready(ConditionStatus::false_, "A"), second(1)));
  EXPECT_TRUE(set_condition(conditions, ready(ConditionStatus::false_, "B"), second(2)));
  EXPECT_EQ(find_condition(conditions, "Ready")->last_transition_time, second(1));
  EXPECT_EQ(find_condition(conditions, "Ready")->reason, "B");
  EXPECT_TRUE(set_condition(conditions, ready(ConditionStatus::true_, "B"), second(3)));
  EXPECT_EQ(find_condition(conditions, "Ready")->last_transition_time, second(3));
  EXPECT_EQ(conditions.size(), 1U);
}

TEST(Conditions, SayWhenNothingChangedSoThatNothingIsWritten) {
  Conditions conditions;
  set_condition(conditions, ready(ConditionStatus::true_, "A"), second(1));
  EXPECT_FALSE(set_condition(conditions, ready(ConditionStatus::true_, "A"), second(9)));
}

TEST(Conditions, AreRemovedByType) {
  Conditions conditions;
  set_condition(conditions, ready(ConditionStatus::true_, "A"), second(1));
  EXPECT_TRUE(remove_condition(conditions, "Ready"));
  EXPECT_FALSE(remove_condition(conditions, "Ready"));
  EXPECT_EQ(find_condition(conditions, "Ready"), nullptr);
}

}  // namespace
}  // namespace atelier::meta
