#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/age.h"

namespace atelier::cli {
namespace {

using namespace std::chrono_literals;

std::istringstream no_input;
std::ostringstream ignored;

TEST(Table, AlignsColumnsAndLeavesNothingBehindTheLast) {
  const Terminal plain{no_input, ignored, ignored, false, false, 80, "atelier", "", ""};
  EXPECT_EQ(table({"NAME", "AGE"}, {{"orders", "5m"}, {"größe", "3h"}, {"", ""}}, plain),
            "NAME     AGE\norders   5m\ngröße    3h\n<none>   \n");
}

TEST(Table, EscapesWhatItIsGiven) {
  const Terminal plain{no_input, ignored, ignored, false, false, 80, "atelier", "", ""};
  EXPECT_EQ(table({}, {{"a\x1b[1m", "b\nc"}}, plain, "  "), "  a\\x1b[1m   b\\nc\n");
}

TEST(Table, ColoursDoNotCountAsWidth) {
  const Terminal screen{no_input, ignored, ignored, true, true, 80, "atelier", "", ""};
  EXPECT_EQ(table({"PHASE", "AGE"}, {{{"Failed", Style::bad}, "1s"}}, screen),
            "PHASE    AGE\n\x1b[31mFailed\x1b[0m   1s\n");
}

// The values of k8s.io/apimachinery's own test of HumanDuration.
TEST(Age, IsPrintedAsKubectlDoes) {
  for (const auto& [span, words] :
       std::vector<std::pair<std::chrono::seconds, std::string>>{{-2s, "<invalid>"},
                                                                 {-1s, "0s"},
                                                                 {1s, "1s"},
                                                                 {70s, "70s"},
                                                                 {190s, "3m10s"},
                                                                 {70min, "70m"},
                                                                 {47h, "47h"},
                                                                 {49h, "2d1h"},
                                                                 {48h, "2d"},
                                                                 {(8 * 24 + 2) * 1h, "8d"},
                                                                 {367 * 24h, "367d"},
                                                                 {(365 * 2 + 25) * 24h, "2y25d"},
                                                                 {(365 * 8 + 2) * 24h, "8y"},
                                                                 {120s, "2m"},
                                                                 {8h + 30min, "8h"},
                                                                 {5h + 12min, "5h12m"},
                                                                 {180min, "3h"}}) {
    EXPECT_EQ(human_duration(span), words) << span.count();
  }
}

TEST(Age, IsUnknownWithoutAnInstant) { EXPECT_EQ(age(std::nullopt, WallTime{}), "<unknown>"); }

}  // namespace
}  // namespace atelier::cli
