#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Macros, AllAndExistsAskTheElements) {
  EXPECT_EQ(answer("[[1, 2].all(x, x > 0), [1, 2].all(x, x > 1), [].all(x, false)]"), "[true,false,true]");
  EXPECT_EQ(answer("[[1, 2].exists(x, x > 1), [1, 2].exists(x, x > 2), [].exists(x, true)]"), "[true,false,false]");
}

TEST(Macros, ExistsOneWantsExactlyOne) {
  EXPECT_EQ(answer("[[1, 2].exists_one(x, x > 1), [2, 2].exists_one(x, x > 1), [].exists_one(x, true)]"),
            "[true,false,false]");
}

TEST(Macros, FilterAndMapMakeLists) {
  EXPECT_EQ(answer("[1, 2, 3].filter(x, x != 2)"), "[1,3]");
  EXPECT_EQ(answer("[1, 2, 3].map(x, x * 2)"), "[2,4,6]");
  EXPECT_EQ(answer("[1, 2, 3].map(x, x != 2, x * 2)"), "[2,6]");
}

TEST(Macros, AMapGivesItsKeysInOrder) {
  EXPECT_EQ(answer("{'b': 1, 'a': 2, 'c': 3}.map(k, k)"), R"(["a","b","c"])");
  EXPECT_EQ(answer("{'b': 1, 2: 2, true: 3, -1: 4}.map(k, k)"), R"([true,-1,2,"b"])");
}

TEST(Macros, AllAndExistsAbsorbFailuresAsAndAndOr) {
  EXPECT_EQ(answer("[0, 2].all(x, 4 / x > 2)"), "false");
  EXPECT_EQ(answer("[0, 1].exists(x, 4 / x > 2)"), "true");
  EXPECT_EQ(answer("[0, 1].all(x, 4 / x > 2)"), "failed: column 17: 4 / 0 divides by zero");
  EXPECT_EQ(answer("[1, dyn(false)].all(x, x)"), "false");
}

TEST(Macros, OthersDoNot) {
  EXPECT_EQ(answer("[1, 0].exists_one(x, 4 / x > 2)"), "failed: column 24: 4 / 0 divides by zero");
  EXPECT_EQ(answer("[1, 0].map(x, 4 / x)"), "failed: column 17: 4 / 0 divides by zero");
  EXPECT_EQ(answer("[1, 0].filter(x, 4 / x > 2)"), "failed: column 20: 4 / 0 divides by zero");
  EXPECT_EQ(answer("[dyn(1)].filter(x, x)"), "failed: column 20: this has to be a bool, and is int");
}

TEST(Macros, TheirVariableHidesOthersAndEndsWithThem) {
  EXPECT_EQ(answer("[{'n': 1}].map(params, params.n + 1)"), "[2]");
  EXPECT_EQ(answer("[1, 2].map(x, [3].map(x, x))"), "[[3],[3]]");
  EXPECT_EQ(answer("[1, 2].map(x, [3].map(y, x + y))"), "[[4],[5]]");
  EXPECT_EQ(answer("[1].all(x, true) && x"),
            "refused: column 21: there is no variable \"x\"; there are: any, params, tasks, unset");
  EXPECT_EQ(answer("[x].all(x, true)"),
            "refused: column 2: there is no variable \"x\"; there are: any, params, tasks, unset");
}

TEST(Macros, NeedAListOrAMap) {
  EXPECT_EQ(answer("'abc'.all(x, true)"),
            "refused: column 1: a macro needs a list, or a map for its keys; this is string");
}

TEST(Macros, SayHowTheyAreUsed) {
  EXPECT_EQ(answer("[1].all(x)"), "refused: column 5: \"all\" is used as list.all(x, condition)");
  EXPECT_EQ(answer("[1].exists(x, 1, 2)"), "refused: column 5: \"exists\" is used as list.exists(x, condition)");
  EXPECT_EQ(answer("[1].exists_one()"), "refused: column 5: \"exists_one\" is used as list.exists_one(x, condition)");
  EXPECT_EQ(answer("[1].filter(x)"), "refused: column 5: \"filter\" is used as list.filter(x, condition)");
  EXPECT_EQ(answer("[1].map(x)"),
            "refused: column 5: \"map\" is used as list.map(x, value) or list.map(x, condition, value)");
  EXPECT_EQ(answer("[1].all('x', true)"),
            "refused: column 9: a name for the element has to be here: \"all\" is used as list.all(x, condition)");
  EXPECT_EQ(answer("[1].existsOne(x, true)"), "refused: column 5: \"existsOne\" is not supported; write exists_one");
  EXPECT_EQ(answer("has(any)"), "refused: column 1: has() asks for one field: has(object.field)");
  EXPECT_EQ(answer("has(any.a, any.b)"), "refused: column 1: has() asks for one field: has(object.field)");
}

}  // namespace
}  // namespace atelier::cel
