#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Types, OfLiteralsAndOperators) {
  EXPECT_EQ(type_of("1"), "int");
  EXPECT_EQ(type_of("1.0 * 2.0"), "double");
  EXPECT_EQ(type_of("'a' + 'b'"), "string");
  EXPECT_EQ(type_of("1 < 2"), "bool");
  EXPECT_EQ(type_of("null"), "null");
  EXPECT_EQ(type_of("[1] + [2]"), "list(int)");
  EXPECT_EQ(type_of("{'a': [1.5]}"), "map(string, list(double))");
}

TEST(Types, OfDeclaredVariablesAndTheirFields) {
  EXPECT_EQ(type_of("params"), "{day: string, n: int}");
  EXPECT_EQ(type_of("tasks.extract.results.rows"), "string");
  EXPECT_EQ(type_of("any.a.b[1].c"), "dyn");
  EXPECT_EQ(type_of("has(tasks.load.state)"), "bool");
}

TEST(Types, OfMixedListsAndMapsAreDynamic) {
  EXPECT_EQ(type_of("[1, 'a']"), "list(dyn)");
  EXPECT_EQ(type_of("[[1], []]"), "list(list(int))");
  EXPECT_EQ(type_of("{'a': 1, 2: 'b'}"), "map(dyn, dyn)");
  EXPECT_EQ(type_of("[]"), "list(dyn)");
  EXPECT_EQ(type_of("[1, dyn('a')]"), "list(dyn)");
}

TEST(Types, OfMacros) {
  EXPECT_EQ(type_of("[1].map(x, string(x))"), "list(string)");
  EXPECT_EQ(type_of("['a'].filter(x, x == 'a')"), "list(string)");
  EXPECT_EQ(type_of("{'a': 1}.map(k, k)"), "list(string)");
  EXPECT_EQ(type_of("any.map(x, x)"), "list(dyn)");
  EXPECT_EQ(type_of("[].map(x, x + 1)"), "list(int)");
}

TEST(Types, AreEqualWhenTheyAreMadeOfEqualOnes) {
  EXPECT_EQ(Type::list(Type::string()), Type::list(Type::string()));
  EXPECT_FALSE(Type::list(Type::string()) == Type::list(Type::integer()));
  EXPECT_EQ(task_type(), task_type());
  EXPECT_FALSE(task_type() == Type::object({}));
}

TEST(Types, AnUnknownVariableIsRefusedWithThoseThatThereAre) {
  EXPECT_EQ(type_of("param.day"),
            "refused: column 1: there is no variable \"param\"; there are: any, params, tasks, unset");
  const auto none = Expression::compile("a", {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "column 1: there is no variable \"a\"; there are: none");
  EXPECT_EQ(none.error().code, Errc::invalid);
}

TEST(Types, AnUnknownFieldIsRefusedWithThoseThatThereAre) {
  EXPECT_EQ(type_of("params.date"), "refused: column 8: there is no field \"date\"; there are: day, n");
  EXPECT_EQ(type_of("has(tasks.transform)"),
            "refused: column 1: there is no field \"transform\"; there are: extract, load");
  EXPECT_EQ(type_of("params.n.x"), "refused: column 10: a value of type int has no fields, and so no \"x\"");
}

TEST(Types, AnOperatorForOtherTypesIsRefusedWithThoseItIsFor) {
  EXPECT_EQ(type_of("1 + 'a'"),
            "refused: column 3: there is no int + string; there is double + double, int + int, list(A) + list(A), "
            "string + string");
  EXPECT_EQ(type_of("!1"), "refused: column 1: there is no !int; there is !bool");
  EXPECT_EQ(type_of("[1]['a']"),
            "refused: column 4: there is no list(int)[string]; there is list(A)[int], map(A, B)[A]");
  EXPECT_EQ(type_of("true ? 1 : 'a'"), "refused: column 6: there is no bool ? int : string; there is bool ? A : A");
  EXPECT_EQ(type_of("1 in 'a'"), "refused: column 3: there is no int in string; there is A in list(A), A in map(A, B)");
  EXPECT_EQ(type_of("1.5 % 2.0"), "refused: column 5: there is no double % double; there is int % int");
}

TEST(Types, AFunctionForOtherTypesIsRefusedWithThoseItIsFor) {
  EXPECT_EQ(type_of("'a'.contains(1)"),
            "refused: column 5: there is no string.contains(int); there is string.contains(string)");
  EXPECT_EQ(type_of("int(true)"),
            "refused: column 1: there is no int(bool); there is int(double), int(int), int(string)");
  EXPECT_EQ(type_of("contains('a', 'b')"),
            "refused: column 1: there is no contains(string, string); there is string.contains(string)");
}

TEST(Types, AnUnknownFunctionIsRefusedWithThoseThatThereAre) {
  EXPECT_EQ(
      type_of("len('a')"),
      "refused: column 1: there is no function \"len\"; there are bool, double, dyn, int, lists.range, size, string");
  EXPECT_EQ(
      type_of("'a'.len()"),
      "refused: column 5: there is no method \"len\"; there are all, contains, endsWith, exists, exists_one, filter, "
      "map, size, startsWith");
}

TEST(Types, EqualityIsForOneTypeAndOrderForNumbers) {
  EXPECT_EQ(type_of("1 == 1.0"), "refused: column 3: there is no int == double; there is A == A");
  EXPECT_EQ(type_of("1 == dyn(1.0)"), "bool");
  EXPECT_EQ(type_of("1 < 1.5"), "bool");
  EXPECT_EQ(type_of("params == null"), "bool");
  EXPECT_EQ(type_of("params == tasks.load").substr(0, 8), "refused:");
}

TEST(Types, AndOrAndConditionsAreForBools) {
  EXPECT_EQ(type_of("true && 1"), "refused: column 9: this has to be a bool, and is int");
  EXPECT_EQ(type_of("true || false || 'a'"), "refused: column 18: this has to be a bool, and is string");
  EXPECT_EQ(type_of("[1].all(x, x)"), "refused: column 12: this has to be a bool, and is int");
  EXPECT_EQ(type_of("[1].filter(x, 'a')"), "refused: column 15: this has to be a bool, and is string");
  EXPECT_EQ(type_of("true && any.x"), "bool");
}

TEST(Types, WhatIsNotKnownYetIsKnownFromItsFirstUse) {
  EXPECT_EQ(type_of("[].all(x, x == 1 && x == 'a')").substr(0, 8), "refused:");
  EXPECT_EQ(type_of("[].map(x, [x, x + 1])"), "list(list(int))");
  EXPECT_EQ(type_of("true ? [] : [1]"), "list(int)");
}

}  // namespace
}  // namespace atelier::cel
