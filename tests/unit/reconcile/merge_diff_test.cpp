#include "reconcile/merge_diff.h"

#include <gtest/gtest.h>

namespace atelier::reconcile {
namespace {

using nlohmann::json;

TEST(MergeDiff, IsEmptyWhenNothingChanged) {
  const json same = json::parse(R"({"a": {"b": 1}, "c": [1]})");
  EXPECT_TRUE(merge_diff(same, same).empty());
}

TEST(MergeDiff, NamesOnlyWhatChangedAndTakesAwayWhatIsGone) {
  EXPECT_EQ(merge_diff(json::parse(R"({"a": {"b": 1, "c": 2}, "d": 3, "l": [1, 2]})"),
                       json::parse(R"({"a": {"b": 1, "c": 4}, "l": [1], "n": 5})")),
            json::parse(R"({"a": {"c": 4}, "d": null, "l": [1], "n": 5})"));
}

TEST(MergeDiff, AppliedGivesTheOther) {
  const json before = json::parse(R"({"a": {"b": {"c": 1}}, "x": "s", "y": {"z": 1}})");
  const json after = json::parse(R"({"a": {"b": {"d": 2}}, "x": {"k": 1}, "w": []})");
  json patched = before;
  patched.merge_patch(merge_diff(before, after));
  EXPECT_EQ(patched, after);
}

}  // namespace
}  // namespace atelier::reconcile
