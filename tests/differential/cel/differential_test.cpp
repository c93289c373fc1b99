// The subset of CEL against cel-go, which Kubernetes uses: same types, same values, and both fail or both do not.
#include <gtest/gtest.h>

#include <map>

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

// How many of each kind there were, so that a test is not about refusals alone.
using Counts = std::map<Answer::Kind, std::size_t>;

Counts compare(const std::vector<std::string>& expressions) {
  Counts counts;
  std::size_t differences = 0;
  const auto theirs = oracle(declared(), bindings(), expressions);
  for (std::size_t i = 0; i < expressions.size() && differences < 20; ++i) {
    const Answer mine = ours(declared(), bindings(), expressions[i]);
    ++counts[mine.kind];
    if (mine.message.find("costs too much") != std::string::npos) continue;
    if (agree(mine, theirs[i])) continue;
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
