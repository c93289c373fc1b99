#include "atelier/base/time.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

WallTime at(std::int64_t micros) { return WallTime{std::chrono::microseconds{micros}}; }

TEST(Time, IsWrittenAsTheApiServerWritesIt) {
  EXPECT_EQ(format_time(at(1'767'225'600'123'456)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(format_micro_time(at(1'767'225'600'000'045)), "2026-01-01T00:00:00.000045Z");
}

TEST(Time, BeforeTheEpochKeepsItsSeconds) { EXPECT_EQ(format_time(at(-1)), "1969-12-31T23:59:59Z"); }

TEST(Time, IsReadWithFractionAndOffset) {
  EXPECT_EQ(parse_time("2026-01-01T00:00:00Z").value(), at(1'767'225'600'000'000));
  EXPECT_EQ(parse_time("2026-01-01T00:00:00.5Z").value(), at(1'767'225'600'500'000));
  EXPECT_EQ(parse_time("2026-01-01T00:00:00.123456789Z").value(), at(1'767'225'600'123'456));
  EXPECT_EQ(parse_time("2026-01-01T02:00:00+02:00").value(), at(1'767'225'600'000'000));
  EXPECT_EQ(parse_time("2025-12-31T19:00:00-05:00").value(), at(1'767'225'600'000'000));
}

TEST(Time, RoundTripsToTheMicrosecond) {
  for (const char* text : {"2024-02-29T23:59:59.999999Z", "1970-01-01T00:00:00.000000Z"}) {
    EXPECT_EQ(format_micro_time(parse_time(text).value()), text);
  }
}

TEST(Time, RefusesInstantsThatCannotBeWrittenInUtc) {
  EXPECT_TRUE(parse_time("9999-12-31T23:59:59.999999Z"));
  EXPECT_TRUE(parse_time("0000-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:59-01:00"));
  EXPECT_FALSE(parse_time("0000-01-01T00:00:00+01:00"));
}

TEST(Time, RefusesWhatIsNotAnInstantAndSaysWhatWouldBe) {
  for (const char* text : {"", "2026-01-01", "2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
                           "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+24:00"}) {
    const auto result = parse_time(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Errc::invalid);
    EXPECT_NE(result.error().message.find("2026-01-31T12:00:00Z"), std::string::npos);
  }
}

}  // namespace
}  // namespace atelier
