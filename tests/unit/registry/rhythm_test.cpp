#include "registry/rhythm.h"

#include <gtest/gtest.h>

#include <map>

namespace atelier::registry {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kMiddle = 0.5;

TEST(TheRhythm, IsTheIntervalATenthSoonerOrLater) {
  EXPECT_EQ(next_wait(seconds{30}, 0, 0.0), seconds{27});
  EXPECT_EQ(next_wait(seconds{30}, 0, kMiddle), seconds{30});
  EXPECT_LE(next_wait(seconds{30}, 0, 0.999'999), seconds{33});
}

TEST(TheRhythm, IsNeverMuchLaterThanPromised) {
  EXPECT_EQ(next_wait(minutes{10}, 0, 0.0), minutes{9});
  EXPECT_LE(next_wait(minutes{10}, 0, 0.999'999), minutes{10} + seconds{5});
}

TEST(TheRhythm, IsSlowerAfterFailuresUpToTenTimes) {
  const auto wait = [](unsigned failures) { return next_wait(seconds{30}, failures, kMiddle); };
  EXPECT_EQ(wait(1), seconds{30});
  for (const auto& [failures, times] :
       std::map<unsigned, int>{{2, 2}, {3, 4}, {4, 8}, {5, 10}, {6, 10}, {1'000'000, 10}}) {
    const Millis middle = wait(failures);
    EXPECT_GE(middle, seconds{30} * times * 9 / 10) << failures;
    EXPECT_LE(middle, seconds{30} * times) << failures;
  }
  EXPECT_EQ(wait(0), seconds{30}) << "and as before when it works again";
}

TEST(TheRhythm, IsNotSlowerThanAnHourUnlessTheIntervalIs) {
  EXPECT_LE(next_wait(minutes{30}, 5, 0.999'999), hours{1} + seconds{5});
  EXPECT_GE(next_wait(hours{3}, 5, 0.0), minutes{162});
  EXPECT_LE(next_wait(hours{3}, 5, 0.999'999), hours{3} + seconds{5});
}

TEST(TheRhythm, IsNoHotLoop) { EXPECT_GE(next_wait(Millis{0}, 0, 0.0), Millis{900}); }

TEST(TheRhythm, BeginsSpreadOverHalfOfTheInterval) {
  EXPECT_EQ(first_wait(seconds{30}, 0.0), seconds{15});
  EXPECT_EQ(first_wait(seconds{30}, kMiddle), Millis{22'500});
  EXPECT_LE(first_wait(seconds{30}, 0.999'999), seconds{30});
}

}  // namespace
}  // namespace atelier::registry
