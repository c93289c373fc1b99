#include "engine/retry.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

namespace atelier::engine {
namespace {

TEST(Retry, DelaysGrowUpToTheirMaximum) {
  const api::Backoff backoff{Millis{1'000}, 3, Millis{20'000}, 0};
  EXPECT_EQ(delay_after(backoff, 1, "salt"), Millis{1'000});
  EXPECT_EQ(delay_after(backoff, 2, "salt"), Millis{3'000});
  EXPECT_EQ(delay_after(backoff, 3, "salt"), Millis{9'000});
  EXPECT_EQ(delay_after(backoff, 4, "salt"), Millis{20'000});
  EXPECT_EQ(delay_after(backoff, 1'000'000, "salt"), Millis{20'000});
}

TEST(Retry, APlanThatMakesNoSenseNeverWaitsForeverOrBackwards) {
  EXPECT_EQ(delay_after({Millis{1'000}, std::numeric_limits<double>::quiet_NaN(), Millis{5'000}, 0}, 2, "salt"),
            Millis{0});
  EXPECT_EQ(delay_after({Millis{1'000}, -2, Millis{5'000}, 0}, 2, "salt"), Millis{0});
  EXPECT_EQ(delay_after({Millis{1'000}, 1e300, Millis{5'000}, 0}, 9, "salt"), Millis{5'000});
  EXPECT_EQ(delay_after({Millis::max(), 2, Millis::max(), 0}, 9, "salt"), std::chrono::hours{24 * 365 * 100});
}

TEST(Retry, AWaitIsLongerByAPartThatIsTheSameForTheSameAttempt) {
  const api::Backoff backoff{Millis{1'000}, 1, Millis{1'000}, 0.5};
  std::set<Millis> waits;
  for (const char* pod : {"run-a-1", "run-b-1", "run-c-1", "run-a-2"}) {
    const Millis wait = delay_after(backoff, 1, pod);
    EXPECT_GE(wait, Millis{1'000});
    EXPECT_LE(wait, Millis{1'500});
    EXPECT_EQ(wait, delay_after(backoff, 1, pod));
    waits.insert(wait);
  }
  EXPECT_EQ(waits.size(), 4U);
}

TEST(Retry, WhatTheClusterEndedIsCountedApart) {
  api::Retry retry;
  retry.limit = 1;
  TaskEntry entry;
  entry.attempt = 3;
  entry.restarts = 2;
  EXPECT_TRUE(another_follows(retry, entry, false)) << "it failed once itself";
  EXPECT_FALSE(another_follows(retry, entry, true)) << "by default as many as limit";
  retry.infrastructure_limit = 2;
  EXPECT_TRUE(another_follows(retry, entry, true));
  entry.attempt = 4;
  EXPECT_FALSE(another_follows(retry, entry, false));
}

TEST(Retry, ARefusedPodIsTriedAgainWithinAMinute) {
  EXPECT_EQ(delay_after_refusal(1), Millis{5'000});
  EXPECT_EQ(delay_after_refusal(2), Millis{10'000});
  EXPECT_EQ(delay_after_refusal(9), Millis{60'000});
  EXPECT_EQ(delay_after_refusal(1'000'000), Millis{60'000});
}

}  // namespace
}  // namespace atelier::engine
