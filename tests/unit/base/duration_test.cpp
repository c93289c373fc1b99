#include <gtest/gtest.h>

#include "atelier/base/time.h"

namespace atelier {
namespace {

TEST(Duration, IsReadInGosForm) {
  EXPECT_EQ(parse_duration("10s").value(), Millis{10'000});
  EXPECT_EQ(parse_duration("1h30m").value(), Millis{5'400'000});
  EXPECT_EQ(parse_duration("1.5s").value(), Millis{1'500});
  EXPECT_EQ(parse_duration("250ms").value(), Millis{250});
  EXPECT_EQ(parse_duration("1m500ms").value(), Millis{60'500});
  EXPECT_EQ(parse_duration("0").value(), Millis{0});
  EXPECT_EQ(parse_duration("0.5h").value(), Millis{1'800'000});
}

TEST(Duration, RefusesOthersAndSaysWhatWouldBeRight) {
  for (const char* text : {"", "10", "s", "-5s", "1d", "10 s", ".s", "9999999999999999999999h", "876001h"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result) << text;
    EXPECT_NE(result.error().message.find("1h30m"), std::string::npos);
  }
}

TEST(Duration, IsWrittenShortest) {
  EXPECT_EQ(format_duration(Millis{0}), "0s");
  EXPECT_EQ(format_duration(Millis{90'000}), "1m30s");
  EXPECT_EQ(format_duration(Millis{3'600'000}), "1h");
  EXPECT_EQ(format_duration(Millis{1'250}), "1s250ms");
}

TEST(Duration, RoundTrips) {
  for (const std::int64_t millis : {1, 999, 1'000, 59'999, 60'000, 3'599'999, 90'061'001}) {
    EXPECT_EQ(parse_duration(format_duration(Millis{millis})).value(), Millis{millis});
  }
}

}  // namespace
}  // namespace atelier
