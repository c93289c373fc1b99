#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Evaluate, IntsOverflowWithAnError) {
  EXPECT_EQ(answer("9223372036854775807 + 1"),
            "failed: column 21: 9223372036854775807 + 1 is beyond the 64 bits of an int");
  EXPECT_EQ(answer("-9223372036854775808 - 1"),
            "failed: column 22: -9223372036854775808 - 1 is beyond the 64 bits of an int");
  EXPECT_EQ(answer("9223372036854775807 * 2"),
            "failed: column 21: 9223372036854775807 * 2 is beyond the 64 bits of an int");
  EXPECT_EQ(answer("-9223372036854775808 / -1"),
            "failed: column 22: -9223372036854775808 / -1 is beyond the 64 bits of an int");
  EXPECT_EQ(answer("-9223372036854775808 % -1"),
            "failed: column 22: -9223372036854775808 % -1 is beyond the 64 bits of an int");
  EXPECT_EQ(answer("-(-9223372036854775808)"),
            "failed: column 1: -(-9223372036854775808) is beyond the 64 bits of an int");
}

TEST(Evaluate, IntsDivideTowardsZeroAndNeverByIt) {
  EXPECT_EQ(answer("[7 / 2, -7 / 2, 7 % -3, -7 % 3]"), "[3,-3,1,-1]");
  EXPECT_EQ(answer("1 / 0"), "failed: column 3: 1 / 0 divides by zero");
  EXPECT_EQ(answer("1 % 0"), "failed: column 3: 1 % 0 divides by zero");
}

TEST(Evaluate, DoublesFollowIeee754) {
  EXPECT_EQ(answer("[1.0 / 0.0 > 1e308, -(1.5) - 1.0 == -2.5, 0.1 + 0.2 == 0.3, 0.0 == -0.0]"),
            "[true,true,false,true]");
  EXPECT_EQ(answer("0.0 / 0.0 == 0.0 / 0.0"), "false");
  EXPECT_EQ(answer("0.0 / 0.0 < 1.0"), "failed: column 11: NaN is neither less nor greater than a number");
}

TEST(Evaluate, NumbersOfBothTypesAreOneLine) {
  EXPECT_EQ(answer("[1 < 1.5, 2.5 > 2, 2 <= 2.0, 3 >= 3.5, dyn(1) == 1.0]"), "[true,true,true,false,true]");
}

TEST(Evaluate, ValuesOfOtherTypesAreUnequalAndUnordered) {
  EXPECT_EQ(answer("[dyn(1) == 'a', dyn(1) != 'a', dyn(null) == 0]"), "[false,true,false]");
  EXPECT_EQ(answer("dyn(1) < 'a'"), "failed: column 8: \"<\" does not work with int, string");
}

TEST(Evaluate, ListsAndMapsAreEqualByTheirElements) {
  EXPECT_EQ(answer("[[1, 2] == [1, 2], [1] == [1, 2], {'a': 1, 'b': 2} == {'b': 2, 'a': 1}]"), "[true,false,true]");
  EXPECT_EQ(answer("dyn([1, [2]]) == [1.0, [2.0]]"), "true");
}

TEST(Evaluate, TextsAreOrderedByCharacters) {
  EXPECT_EQ(answer("['a' < 'b', 'B' < 'a', 'ä' > 'z', '' < 'a', 'a' <= 'a', false < true]"),
            "[true,true,true,true,true,true]");
  EXPECT_EQ(answer(R"('\uffff' < '\U00010000')"), "true");
}

TEST(Evaluate, WhatIsDynamicIsCheckedHere) {
  EXPECT_EQ(answer("dyn(1) + 'a'"), "failed: column 8: \"+\" does not work with int, string");
  EXPECT_EQ(answer("!dyn(1)"), "failed: column 1: \"!\" does not work with int");
  EXPECT_EQ(answer("-dyn(true)"), "failed: column 1: \"-\" does not work with bool");
  EXPECT_EQ(answer("dyn(1) ? 1 : 2"), "failed: column 1: this has to be a bool, and is int");
  EXPECT_EQ(answer("dyn(1)[0]"), "failed: column 7: \"[]\" does not work with int, int");
  EXPECT_EQ(answer("1 in dyn(1)"), "failed: column 3: \"in\" does not work with int, int");
  EXPECT_EQ(answer("size(dyn(1))"), "failed: column 1: \"size\" does not work with int");
  EXPECT_EQ(answer("dyn(1).contains('a')"), "failed: column 8: \"contains\" does not work with int, string");
  EXPECT_EQ(answer("dyn(1).map(x, x)"), "failed: column 1: a macro needs a list, or a map for its keys; this is int");
}

TEST(Evaluate, AnIndexIsInTheListAndAKeyInTheMap) {
  EXPECT_EQ(answer("['a', 'b'][1] + {'k': 'c'}['k'] + {'k': 'd'}.k"), R"("bcd")");
  EXPECT_EQ(answer("[1, 2][2]"), "failed: column 7: the list has 2 elements, and none at index 2");
  EXPECT_EQ(answer("[1, 2][-1]"), "failed: column 7: the list has 2 elements, and none at index -1");
  EXPECT_EQ(answer("{'a': 1}['b']"), "failed: column 9: the map has no key \"b\"");
  EXPECT_EQ(answer("{1: 1}[2]"), "failed: column 7: the map has no key 2");
  EXPECT_EQ(answer("{true: 1}[false]"), "failed: column 10: the map has no key false");
  EXPECT_EQ(answer("{1: 'a'}[dyn([])]"), "failed: column 9: the map has no key list");
}

TEST(Evaluate, AWholeDoubleIsAnIndexAndAKeyToo) {
  EXPECT_EQ(answer("[[1, 2][dyn(1.0)], {5: 6}[dyn(5.0)]]"), "[2,6]");
  EXPECT_EQ(answer("[1, 2][dyn(0.5)]"), "failed: column 7: \"[]\" does not work with list, double");
  EXPECT_EQ(answer("[dyn(5.0) in {5: 6}, dyn(5.5) in {5: 6}, dyn(9.3e18) in {5: 6}]"), "[true,false,false]");
}

TEST(Evaluate, InFindsElementsAndKeys) {
  EXPECT_EQ(answer("[1 in [2, 1], 3 in [2, 1], 'a' in {'a': 1}, 1 in {'a': 1}.map(k, 1), dyn(1.0) in [1]]"),
            "[true,false,true,true,true]");
  EXPECT_EQ(answer("'list' in any"), "true");
}

TEST(Evaluate, HasAsksWhetherAFieldIsThere) {
  EXPECT_EQ(answer("[has(tasks.extract.state), has(tasks.load.state), has({'a': 1}.a), has({'a': 1}.b)]"),
            "[true,false,true,false]");
  EXPECT_EQ(answer("has(any.nope.x)"), "failed: column 9: there is no \"nope\" here; ask with has(...) first");
  EXPECT_EQ(answer("has(dyn(1).x)"), "false");
  EXPECT_EQ(answer("has(any.list.x)"), "failed: column 1: a value of type list has no fields, and so no \"x\"");
}

TEST(Evaluate, WhatIsDeclaredMayBeMissing) {
  EXPECT_EQ(answer("tasks.load.state"), "failed: column 12: there is no \"state\" here; ask with has(...) first");
  EXPECT_EQ(answer("unset"), "failed: column 1: \"unset\" has no value");
  EXPECT_EQ(answer("dyn(1).x"), "failed: column 8: a value of type int has no fields, and so no \"x\"");
}

TEST(Evaluate, AndAndOrAbsorbFailuresOfEitherSide) {
  EXPECT_EQ(answer("true || 1/0 > 0"), "true");
  EXPECT_EQ(answer("1/0 > 0 || true"), "true");
  EXPECT_EQ(answer("1/0 > 0 && false"), "false");
  EXPECT_EQ(answer("false || 1/0 > 0 || true"), "true");
  EXPECT_EQ(answer("dyn(1) || true"), "true");
  EXPECT_EQ(answer("unset == 'a' && false"), "false");
}

TEST(Evaluate, AFailureThatIsNotAbsorbedIsTheFirstOne) {
  EXPECT_EQ(answer("1/0 > 0 || 2/0 > 0"), "failed: column 2: 1 / 0 divides by zero");
  EXPECT_EQ(answer("true && 2/0 > 0 && 1/0 > 0"), "failed: column 10: 2 / 0 divides by zero");
  EXPECT_EQ(answer("true && dyn(1)"), "failed: column 9: this has to be a bool, and is int");
}

TEST(Evaluate, AConditionEvaluatesOneOfItsValues) {
  EXPECT_EQ(answer("true ? 1 : 1/0"), "1");
  EXPECT_EQ(answer("false ? 1/0 : 2"), "2");
  EXPECT_EQ(answer("1/0 > 0 ? 1 : 2"), "failed: column 2: 1 / 0 divides by zero");
}

TEST(Evaluate, AnExpressionMayBeEvaluatedOften) {
  const auto expression = Expression::compile("any", some_variables());
  ASSERT_TRUE(expression);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(expression.value().evaluate({{"any", Value(i)}}).value(), Value(i));
}

}  // namespace
}  // namespace atelier::cel
