#include "atelier/api/quantity.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "support/source_dir.h"

namespace atelier::api {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Quantity parsed(std::string_view text) {
  const auto quantity = parse_quantity(text);
  EXPECT_TRUE(quantity) << text;
  return quantity ? quantity.value() : Quantity{-1, 0};
}

std::string refused(std::string_view text) {
  const auto quantity = parse_quantity(text);
  return quantity ? "taken as " + format_quantity(quantity.value()) : quantity.error().message;
}

TEST(Quantity, IsWhatKubernetesMakesOfTheSameText) {
  std::ifstream file(atelier::testing::source_dir() + "/tests/unit/api/quantities.tsv");
  std::size_t seen = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    ++seen;
    std::istringstream fields(line);
    std::string text, whole, nanos;
    std::getline(fields, text, '\t');
    std::getline(fields, whole, '\t');
    const bool taken = static_cast<bool>(std::getline(fields, nanos));
    const auto quantity = parse_quantity(text);
    ASSERT_EQ(bool(quantity), taken) << line;
    if (!taken) continue;
    EXPECT_EQ(std::to_string(quantity.value().whole), whole) << line;
    EXPECT_EQ(std::to_string(quantity.value().nanos), nanos) << line;
    EXPECT_EQ(parsed(format_quantity(quantity.value())), quantity.value()) << line;
  }
  EXPECT_GT(seen, 600U);
}

TEST(Quantity, IsExactWhereAFloatIsNot) {
  EXPECT_EQ(parsed("0.1"), (Quantity{0, 100'000'000}));
  EXPECT_EQ(parsed("9223372036854775807"), (Quantity{kMost, 0}));
  EXPECT_EQ(parsed("0.0009765625Ki"), (Quantity{1, 0}));
}

TEST(Quantity, RoundsUpWhatIsFinerThanABillionth) {
  EXPECT_EQ(parsed("0.1n"), (Quantity{0, 1}));
  EXPECT_EQ(parsed("1.9999999999"), (Quantity{2, 0}));
  EXPECT_EQ(parsed("1e-100"), (Quantity{0, 1}));
  EXPECT_EQ(parsed("0e-100"), (Quantity{}));
}

TEST(Quantity, AnEIsAUnitOrAnExponent) {
  EXPECT_EQ(parsed("1E"), (Quantity{1'000'000'000'000'000'000, 0}));
  EXPECT_EQ(parsed("1E3"), (Quantity{1000, 0}));
  EXPECT_EQ(parsed("1Ei"), (Quantity{std::int64_t{1} << 60, 0}));
  EXPECT_EQ(refused("1e").find("\"1e\" has no unit that Kubernetes knows"), 0U);
}

TEST(Quantity, SaysWhatIsWrongAndWhatIsRight) {
  EXPECT_EQ(refused(""), "is empty; give an amount such as 500m, 2 or 512Mi");
  EXPECT_EQ(refused("-1"), "\"-1\" is negative; give 0 or more");
  EXPECT_EQ(refused("lots"), "\"lots\" does not start with a number; give an amount such as 500m, 2 or 512Mi");
  EXPECT_EQ(refused("64GB"),
            "\"64GB\" has no unit that Kubernetes knows; after the number use nothing, n, u, m, k, M, G, T, P, E, Ki, "
            "Mi, Gi, Ti, Pi or Ei, or an exponent such as e3");
  EXPECT_EQ(refused("8Ei"), "\"8Ei\" is too large; give at most 9223372036854775807, which is just under 8Ei");
  EXPECT_EQ(refused("1e99999999999999999999"),
            "\"1e99999999999999999999\" is too large; give at most 9223372036854775807, which is just under 8Ei");
}

TEST(Quantity, AnyNumberOfDigitsIsRead) {
  EXPECT_EQ(parsed(std::string(1000, '0') + "1"), (Quantity{1, 0}));
  EXPECT_EQ(parsed("1." + std::string(1000, '0') + "1"), (Quantity{1, 1}));
  EXPECT_EQ(parsed("0." + std::string(1000, '9') + "Mi"), (Quantity{1048576, 0}));
  EXPECT_FALSE(parse_quantity(std::string(1000, '9')));
}

TEST(Quantity, IsWrittenInTheUnitThatIsShortest) {
  EXPECT_EQ(format_quantity({}), "0");
  EXPECT_EQ(format_quantity({0, 500'000'000}), "500m");
  EXPECT_EQ(format_quantity({1, 500'000'000}), "1500m");
  EXPECT_EQ(format_quantity({0, 1}), "1n");
  EXPECT_EQ(format_quantity({2, 0}), "2");
  EXPECT_EQ(format_quantity({4096LL << 20, 0}), "4Gi");
  EXPECT_EQ(format_quantity({100'000'000, 0}), "100M");
  EXPECT_EQ(format_quantity({kMost, 999'999'999}), "9223372036854775807999999999n");
}

TEST(Quantity, AreInOrder) {
  const char* const rising[] = {"0",  "1n",  "1u", "1m",  "999m", "1",  "1.000000001",
                                "1k", "1Ki", "1M", "1Mi", "1E",   "1Ei"};
  for (std::size_t i = 1; i < std::size(rising); ++i) EXPECT_LT(parsed(rising[i - 1]), parsed(rising[i])) << rising[i];
  EXPECT_EQ(parsed("1Gi"), parsed("1024Mi"));
}

}  // namespace
}  // namespace atelier::api
