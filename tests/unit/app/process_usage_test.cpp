#include "app/process_usage.h"

#include <gtest/gtest.h>

#include <ctime>

namespace atelier::app {
namespace {

constexpr StatUnits kUnits{.ticks_per_second = 100, .page_bytes = 4'096, .boot_time = 1'000'000};

TEST(ProcessUsage, IsReadFromStatWhateverTheProgramsName) {
  const auto usage = usage_in_stat(
      "42 (a) R (b c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 3 0 2500 8192000 77 18446744073709551615 1 1",
      kUnits);
  EXPECT_EQ(usage.cpu_seconds, 2.0);
  EXPECT_EQ(usage.start_time, 1'000'025.0);
  EXPECT_EQ(usage.virtual_bytes, 8'192'000.0);
  EXPECT_EQ(usage.resident_bytes, 77 * 4'096.0);
}

TEST(ProcessUsage, IsZeroWhereNothingCanBeRead) {
  EXPECT_EQ(usage_in_stat("", kUnits).resident_bytes, 0.0);
  EXPECT_EQ(usage_in_stat("42 (a) S", kUnits).resident_bytes, 0.0);
}

TEST(ProcessUsage, IsOfThisProcess) {
  const auto usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 1'000'000.0);
  EXPECT_GT(usage.virtual_bytes, usage.resident_bytes);
  EXPECT_GE(usage.open_fds, 3.0);
  EXPECT_GT(usage.max_fds, usage.open_fds);
  EXPECT_NEAR(usage.start_time, static_cast<double>(std::time(nullptr)), 3'600.0);
}

}  // namespace
}  // namespace atelier::app
