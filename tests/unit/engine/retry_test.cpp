#include "engine/retry.h"

#include <gtest/gtest.h>

#include <limits>

namespace atelier::engine {
namespace {

TEST(Retry, DelaysGrowUpToTheirMaximum) {
  const api::Backoff backoff{Millis{1'000}, 3, Millis{20'000}};
  EXPECT_EQ(delay_after(backoff, 1), Millis{1'000});
  EXPECT_EQ(delay_after(backoff, 2), Millis{3'000});
  EXPECT_EQ(delay_after(backoff, 3), Millis{9'000});
  EXPECT_EQ(delay_after(backoff, 4), Millis{20'000});
  EXPECT_EQ(delay_after(backoff, 1'000'000), Millis{20'000});
}

TEST(Retry, APlanThatMakesNoSenseNeverWaitsForeverOrBackwards) {
  EXPECT_EQ(delay_after({Millis{1'000}, std::numeric_limits<double>::quiet_NaN(), Millis{5'000}}, 2), Millis{0});
  EXPECT_EQ(delay_after({Millis{1'000}, -2, Millis{5'000}}, 2), Millis{0});
  EXPECT_EQ(delay_after({Millis{1'000}, 1e300, Millis{5'000}}, 9), Millis{5'000});
  EXPECT_EQ(delay_after({Millis::max(), 2, Millis::max()}, 9), std::chrono::hours{24 * 365 * 100});
}

TEST(Retry, ARefusedPodIsTriedAgainWithinAMinute) {
  EXPECT_EQ(delay_after_refusal(1), Millis{5'000});
  EXPECT_EQ(delay_after_refusal(2), Millis{10'000});
  EXPECT_EQ(delay_after_refusal(9), Millis{60'000});
  EXPECT_EQ(delay_after_refusal(1'000'000), Millis{60'000});
}

}  // namespace
}  // namespace atelier::engine
