#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Limits, AComprehensionOverManyElementsCostsTooMuch) {
  std::string source = "true";
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    source = "[0,1,2,3,4,5,6,7,8,9].all(" + std::string(name) + ", " + source + ")";
  }
  EXPECT_NE(answer(source).find("costs too much: more than 100000 steps"), std::string::npos) << answer(source);
}

TEST(Limits, CostsAreNotAbsorbed) {
  const Limits few{.steps = 10};
  EXPECT_EQ(answer("[1,2,3].all(x, x > 0) || true", few),
            "failed: column 16: the expression costs too much: more than 10 steps");
  EXPECT_EQ(answer("[true].exists(x, [1,2,3].all(y, y > 0) || true)", few),
            "failed: column 33: the expression costs too much: more than 10 steps");
}

TEST(Limits, CostsAreNotAbsorbedWhileStepsAreLeft) {
  const std::string text = "'" + std::string(1000, 'a') + "'";
  EXPECT_EQ(answer("size(" + text + ") > 0 || true", {.steps = 30}),
            "failed: column 1: the expression costs too much: more than 30 steps");
}

TEST(Limits, EveryNodeIsAStep) {
  EXPECT_EQ(answer("1 + 2", {.steps = 3}), "3");
  EXPECT_EQ(answer("1 + 2", {.steps = 2}), "failed: column 5: the expression costs too much: more than 2 steps");
}

TEST(Limits, ReadingLongTextsAndListsCosts) {
  const Limits few{.steps = 40};
  const std::string text = "'" + std::string(1000, 'a') + "'";
  for (const std::string& source :
       {text + " + ''", text + " == " + text, text + " < " + text, "size(" + text + ")", text + ".contains('a')",
        "''.startsWith(" + text + ")", "''.endsWith(" + text + ")", "int(" + text + ")", "['a'] + [" + text + "]"}) {
    EXPECT_NE(answer(source, {.steps = 30}).find("costs too much"), std::string::npos) << source.substr(0, 20);
  }
  EXPECT_EQ(answer(text + " == 'b'", few), "false");
  EXPECT_EQ(answer("[" + text + "][0] != ''", few), "true");
}

TEST(Limits, EveryElementThatInComparesCosts) {
  std::string list = "[0";
  for (int i = 0; i < 500; ++i) list += ",0";
  EXPECT_EQ(answer("0 in " + list + "]", {.steps = 510}), "true");
  EXPECT_EQ(answer("1 in " + list + "]", {.steps = 510}),
            "failed: column 3: the expression costs too much: more than 510 steps");
  EXPECT_EQ(answer("1 in " + list + "]", {.steps = 1010}), "false");
}

TEST(Limits, TextsListsAndMapsHaveASize) {
  const Limits small{.size = 8};
  EXPECT_EQ(answer("'abcd' + 'abc'", small), R"("abcdabc")");
  EXPECT_EQ(answer("'abcd' + 'abcd'", small),
            "failed: column 8: the expression makes a string of size 9; at most 8 is allowed");
  EXPECT_EQ(answer("[1,2,3,4,5,6,7,8]", small),
            "failed: column 1: the expression makes a list of size 9; at most 8 is allowed");
  EXPECT_EQ(answer("{1:1, 2:2, 3:3, 4:4}", small),
            "failed: column 1: the expression makes a map of size 9; at most 8 is allowed");
  EXPECT_EQ(answer("[1,2,3,4].map(x, [x])", small),
            "failed: column 11: the expression makes a list of size 9; at most 8 is allowed");
  EXPECT_EQ(answer("'abcd' + 'abcd' == '' || true", small),
            "failed: column 8: the expression makes a string of size 9; at most 8 is allowed");
}

TEST(Limits, AListThatDoublesItselfEnds) {
  std::string source = "[1]";
  for (int i = 0; i < 40; ++i) source += ".map(x, [x, x])";
  EXPECT_EQ(answer(source), "failed: column 237: the expression makes a list of size 131071; at most 65536 is allowed");
}

TEST(Limits, ARangeIsRefusedBeforeItIsMade) {
  EXPECT_EQ(answer("lists.range(65535).size()"), "65535");
  const std::string beyond = "; at most 65536 is allowed";
  EXPECT_EQ(answer("lists.range(65536)"), "failed: column 7: the expression makes a list of size 65537" + beyond);
  EXPECT_EQ(answer("lists.range(9223372036854775807) == [] || true"),
            "failed: column 7: the expression makes a list of size 9223372036854775808" + beyond);
  EXPECT_EQ(answer("lists.range(1000)", {.steps = 30}),
            "failed: column 7: the expression costs too much: more than 30 steps");
}

TEST(Limits, BindingsMayBeLarger) {
  const auto expression = Expression::compile("any", some_variables());
  ASSERT_TRUE(expression);
  EXPECT_TRUE(expression.value().evaluate({{"any", Value(std::string(100, 'a'))}}, {.size = 8}));
}

}  // namespace
}  // namespace atelier::cel
