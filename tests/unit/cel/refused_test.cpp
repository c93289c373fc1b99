#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

std::string refused(std::string_view source) {
  const std::string said = answer(source);
  return said.starts_with("refused: ") ? said.substr(9) : "not refused: " + said;
}

TEST(Grammar, OperatorsBindAsInC) {
  EXPECT_EQ(answer("1 + 2 * 3 - 4 / 2 % 3"), "5");
  EXPECT_EQ(answer("2 - 3 - 4"), "-5");
  EXPECT_EQ(answer("true || false && false"), "true");
  EXPECT_EQ(answer("1 < 2 == true"), "true");
  EXPECT_EQ(answer("false ? 1 : true ? 2 : 3"), "2");
}

TEST(Grammar, ASignBelongsToTheNumberAndComesBehindTheMethod) {
  EXPECT_EQ(answer("-'abc'.size()"), "-3");
  EXPECT_EQ(answer("1--1"), "2");
  EXPECT_EQ(answer("---params.n"), "-7");
}

TEST(Grammar, AnEvenNumberOfSignsIsNoneAsInCelGo) {
  EXPECT_EQ(answer("!!5"), "5");
  EXPECT_EQ(answer("--5"), "5");
  EXPECT_EQ(answer("!!!true"), "false");
}

TEST(Grammar, SaysWhereItStoppedAndWhatIsMissing) {
  const std::string value = "but a value has to be here: a literal, a name, or something in parentheses";
  EXPECT_EQ(refused(""), "column 1: here is the end, " + value);
  EXPECT_EQ(refused("1 +"), "column 4: here is the end, " + value);
  EXPECT_EQ(refused("1 + *"), "column 5: here is \"*\", " + value);
  EXPECT_EQ(refused("1 2"),
            "column 3: here is \"2\", but the expression is complete before it; an operator is missing");
  EXPECT_EQ(refused("'a' 'b'"),
            "column 5: here is a text, but the expression is complete before it; an operator is missing");
  EXPECT_EQ(refused("(1"), "column 3: here is the end, but a \")\" has to be at the end of what is in parentheses");
  EXPECT_EQ(refused("[1 2]"),
            "column 4: here is \"2\", but a \"]\" has to be at the end of the list, and a \",\" between elements");
  EXPECT_EQ(refused("{'a' 1}"),
            "column 6: here is \"1\", but a \":\" has to be between key and value; a map is {'key': value}");
  EXPECT_EQ(refused("{1: 2 3: 4}"),
            "column 7: here is \"3\", but a \"}\" has to be at the end of the map, and a \",\" between entries");
  EXPECT_EQ(refused("size('a'"),
            "column 9: here is the end, but a \")\" has to be at the end of the arguments, and a \",\" between them");
  EXPECT_EQ(refused("any[1"), "column 6: here is the end, but a \"]\" has to be behind the index");
  EXPECT_EQ(refused("any."), "column 5: here is the end, but the name of a field or method has to be behind \".\"");
  EXPECT_EQ(refused("any.in"), "column 5: here is \"in\", but the name of a field or method has to be behind \".\"");
}

TEST(Grammar, ACountsColumnsInCharactersAndLinesFromOne) {
  EXPECT_EQ(refused("'ä😀' +"),
            "column 7: here is the end, but a value has to be here: a literal, a name, or something in parentheses");
  EXPECT_EQ(refused("1 +\n  nope"),
            "line 2, column 3: there is no variable \"nope\"; there are: any, params, tasks, unset");
}

TEST(Grammar, AConditionWithinAConditionIsInParentheses) {
  EXPECT_EQ(
      refused("true ? false ? 1 : 2 : 3"),
      "column 14: here is \"?\", but a \":\" has to be between the two values of the condition; a condition within "
      "is in parentheses");
}

TEST(Grammar, OneKindOfSignIsBeforeAValue) {
  EXPECT_EQ(refused("-!true"), "column 2: here is \"!\", but \"-\" cannot be before \"!\"");
  EXPECT_EQ(refused("!-params.n"), "column 2: here is \"-\", but behind \"!\" it needs parentheses, !(-x)");
}

TEST(Grammar, OperatorsOfOtherLanguagesAreExplained) {
  EXPECT_EQ(refused("1 = 1"), "column 3: \"=\" is no operator; write == to compare");
  EXPECT_EQ(refused("true & false"), "column 6: \"&\" is no operator; write && for \"and\"");
  EXPECT_EQ(refused("true | false"), "column 6: \"|\" is no operator; write || for \"or\"");
  EXPECT_EQ(refused("$"), "column 1: \"$\" has no meaning outside of a text; texts are in quotes");
  EXPECT_EQ(refused("ä"), "column 1: \"ä\" has no meaning outside of a text; texts are in quotes");
}

TEST(Grammar, ReservedWordsAreNoNames) {
  for (const char* word : {"if", "in", "package", "while", "return"}) {
    EXPECT_EQ(refused(word), "column 1: \"" + std::string(word) +
                                 "\" is a reserved word and cannot be a variable's or function's name");
  }
  EXPECT_EQ(answer("has(any.if)"), "false");
}

TEST(Grammar, WhatIsNotSupportedIsCalledSo) {
  EXPECT_EQ(refused(".any"), "column 1: a name that begins with \".\" is not supported; write it without");
  EXPECT_EQ(refused("any.?a"), "column 4: optional fields, a.?b, are not supported; ask with has(a.b)");
  EXPECT_EQ(refused("any[?0]"), "column 4: optional elements, a[?b], are not supported; ask with \"in\"");
  EXPECT_EQ(refused("[?any]"), "column 2: here is \"?\", but optional elements, [?a], are not supported");
  EXPECT_EQ(refused("{?'a': any}"), "column 2: here is \"?\", but optional entries, {?a: b}, are not supported");
  EXPECT_EQ(refused("Date{day: 1}"),
            "column 5: making an object of a type, Name{...}, is not supported; a map is {'key': value}");
  EXPECT_EQ(refused("'a'.matches('b')"),
            "column 5: the method \"matches\" is not supported; there are all, contains, endsWith, exists, exists_one, "
            "filter, map, size, startsWith");
  EXPECT_EQ(refused("duration('1s')"),
            "column 1: the function \"duration\" is not supported; there are bool, double, dyn, int, lists.range, "
            "size, string");
}

TEST(Grammar, AnExpressionIsAtMost4096BytesLong) {
  EXPECT_EQ(answer("1" + std::string(4095, ' ')), "1");
  EXPECT_EQ(refused(std::string(4097, ' ')), "the expression has 4097 bytes; at most 4096 are allowed");
}

TEST(Grammar, AnExpressionIsAtMost64LevelsDeep) {
  const std::string deep = ": this is nested too deep; at most 64 levels of parentheses and operators are allowed";
  const auto parentheses = [](std::size_t n) { return std::string(n, '(') + "1" + std::string(n, ')'); };
  EXPECT_EQ(answer(parentheses(63)), "1");
  EXPECT_EQ(refused(parentheses(64)), "column 65" + deep);
  std::string sum = "1";
  for (int i = 0; i < 63; ++i) sum += "+1";
  EXPECT_EQ(answer(sum), "64");
  EXPECT_EQ(refused(sum + "+1"), "column 128" + deep);
}

TEST(Grammar, AChainOfAndIsOneLevel) {
  std::string chain = "true";
  for (int i = 0; i < 200; ++i) chain += " && true";
  EXPECT_EQ(answer(chain), "true");
}

TEST(Grammar, AnExpressionIsUtf8) {
  for (const char* bytes : {"'\xff'", "'\xc0\x80'", "'\xe0\x80\x80'", "'\xed\xa0\x80'", "'\xf0\x80\x80\x80'",
                            "'\xf4\x90\x80\x80'", "'\xe4'", "\xe4"}) {
    EXPECT_EQ(refused(bytes), "the expression is not valid UTF-8");
  }
  EXPECT_EQ(answer("'\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf'.size()"), "3");
}

}  // namespace
}  // namespace atelier::cel
