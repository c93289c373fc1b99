// The subset of CEL against cel-go, which Kubernetes uses: same types, same values, and both fail or both do not.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "differential/cel/expressions.h"
#include "differential/cel/oracle.h"

namespace atelier::cel {
namespace {

std::string text_of(const Answer& answer) {
  if (answer.kind == Answer::Kind::refused) return "refused: " + answer.message;
  if (answer.kind == Answer::Kind::failed) return answer.type + " failed: " + answer.message;
  return answer.type + " " + answer.value.dump();
}

bool agree(const Answer& a, const Answer& b) { return a.kind == b.kind && a.type == b.type && a.value == b.value; }

// cel-go's checker takes the element of `dyn([1]) + ['a']` for a string, binds the conversion of a string to it, and
// finds an int when it evaluates: it fails where the language's definition, and ours, converts the int.
bool is_bound_to_a_wrong_type(const std::string& expression, const Answer& ours, const Answer& theirs) {
  static constexpr std::array<std::string_view, 5> kConversions{"double(", "int(", "string(", "bool(", "size("};
  if (ours.kind != Answer::Kind::value || theirs.kind != Answer::Kind::failed) return false;
  if (expression.find("dyn(") == std::string::npos && expression.find("any.") == std::string::npos) return false;
  const std::string_view message = theirs.message;
  constexpr std::string_view kStart = "no such overload: ";
  if (!message.starts_with(kStart)) return false;
  return std::any_of(kConversions.begin(), kConversions.end(),
                     [rest = message.substr(kStart.size())](std::string_view name) { return rest.starts_with(name); });
}

// How many of each kind there were, so that a test is not about refusals alone.
using Counts = std::map<Answer::Kind, std::size_t>;

constexpr std::size_t kMostWronglyBound = 3;  // it takes a made-up expression

Counts compare(const std::vector<std::string>& expressions) {
  Counts counts;
  std::size_t differences = 0;
  std::size_t wrongly_bound = 0;
  const auto theirs = oracle(declared(), bindings(), expressions);
  for (std::size_t i = 0; i < expressions.size() && differences < 20; ++i) {
    const Answer mine = ours(declared(), bindings(), expressions[i]);
    ++counts[mine.kind];
    if (mine.message.find("costs too much") != std::string::npos) continue;
    if (agree(mine, theirs[i])) continue;
    if (is_bound_to_a_wrong_type(expressions[i], mine, theirs[i]) && ++wrongly_bound <= kMostWronglyBound) continue;
    ++differences;
    ADD_FAILURE() << expressions[i] << "\n  ours:   " << text_of(mine) << "\n  cel-go: " << text_of(theirs[i]);
  }
  return counts;
}

TEST(BesideCelGo, WhatIsEasilyWrongIsRight) {
  const Counts counts = compare(tricky());
  EXPECT_GT(counts.at(Answer::Kind::value), 100U);
  EXPECT_GT(counts.at(Answer::Kind::failed), 40U);
  EXPECT_GT(counts.at(Answer::Kind::refused), 60U);
}

TEST(BesideCelGo, TypedExpressionsAgree) {
  Expressions made(20261121);
  std::vector<std::string> expressions;
  for (int i = 0; i < 3000; ++i) expressions.push_back(made.typed());
  const Counts counts = compare(expressions);
  EXPECT_GT(counts.at(Answer::Kind::value), 1000U);
  EXPECT_GT(counts.at(Answer::Kind::failed), 300U);
}

TEST(BesideCelGo, WildExpressionsAgree) {
  Expressions made(11212026);
  std::vector<std::string> expressions;
  for (int i = 0; i < 3000; ++i) expressions.push_back(made.wild());
  const Counts counts = compare(expressions);
  EXPECT_GT(counts.at(Answer::Kind::value), 100U);
  EXPECT_GT(counts.at(Answer::Kind::failed), 100U);
}

}  // namespace
}  // namespace atelier::cel
