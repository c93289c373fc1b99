#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Functions, SizeCountsCharactersElementsAndEntries) {
  EXPECT_EQ(answer("[size('ä😀'), 'abc'.size(), size([1, 2]), {'a': 1}.size(), size('')]"), "[2,3,2,1,0]");
}

TEST(Functions, TextsAreSearched) {
  EXPECT_EQ(answer("['abc'.startsWith('ab'), 'abc'.startsWith('b'), 'abc'.startsWith('')]"), "[true,false,true]");
  EXPECT_EQ(answer("['abc'.endsWith('bc'), 'abc'.endsWith('b'), 'abc'.endsWith('xabc')]"), "[true,false,false]");
  EXPECT_EQ(answer("['abc'.contains('b'), 'abc'.contains('x'), ''.contains('')]"), "[true,false,true]");
}

TEST(Functions, IntReadsTextsAndTruncatesDoubles) {
  EXPECT_EQ(answer("[int(1), int(1.9), int(-1.9), int('-12'), int('+12'), int('007')]"), "[1,1,-1,-12,12,7]");
  for (const char* text : {"", "+", "+-1", " 1", "1 ", "0x10", "1_0", "1.5", "9223372036854775808"}) {
    EXPECT_EQ(answer("int('" + std::string(text) + "')"), "failed: column 1: \"" + std::string(text) + "\" is no int");
  }
}

TEST(Functions, IntOfADoubleBeyondItsRangeFails) {
  EXPECT_EQ(answer("int(9223372036854774784.0)"), "9223372036854774784");
  EXPECT_EQ(answer("int(9223372036854775807.0)"), "failed: column 1: there is no int for 9.223372036854776e+18");
  EXPECT_EQ(answer("int(-9223372036854775808.0)"), "failed: column 1: there is no int for -9.223372036854776e+18");
  EXPECT_EQ(answer("int(0.0/0.0)"), "failed: column 1: there is no int for NaN");
}

TEST(Functions, DoubleReadsWhatGoReads) {
  EXPECT_EQ(answer("[double(1), double('1.5'), double('.5'), double('5.'), double('1e3'), double('+1')]"),
            "[1.0,1.5,0.5,5.0,1000.0,1.0]");
  EXPECT_EQ(answer("[double('0x1p-2'), double('1_000'), double('0x_1p1')]"), "[0.25,1000.0,2.0]");
  EXPECT_EQ(answer("[double('inf') > 1e308, double('-Infinity') < -1e308, double('NaN') == double('NaN')]"),
            "[true,true,false]");
  for (const char* text :
       {"", ".", "1e", "e5", "1__0", "_1", "1_", "1_.5", "0x1", "0xp1", "1e400", "+nan", "1f", " 1"}) {
    EXPECT_EQ(answer("double('" + std::string(text) + "')"),
              "failed: column 1: \"" + std::string(text) + "\" is no double");
  }
}

TEST(Functions, StringWritesDoublesAsGoDoes) {
  EXPECT_EQ(answer("[string(1.0), string(0.1), string(123456.0), string(1234567.0), string(0.0001), string(0.00001)]"),
            R"(["1","0.1","123456","1.234567e+06","0.0001","1e-05"])");
  EXPECT_EQ(answer("[string(1.0/0.0), string(-1.0/0.0), string(0.0/0.0), string(-0.0), string(1e100)]"),
            R"(["+Inf","-Inf","NaN","-0","1e+100"])");
}

TEST(Functions, StringWritesTextsIntsAndBools) {
  EXPECT_EQ(answer("[string('a'), string(-5), string(true)]"), R"(["a","-5","true"])");
  EXPECT_EQ(answer("string(dyn([]))"), "failed: column 1: there is no string for list");
  EXPECT_EQ(answer("string(null)"), "failed: column 1: there is no string for null");
}

TEST(Functions, BoolReadsWhatGoReads) {
  EXPECT_EQ(answer("['1', 't', 'T', 'true', 'TRUE', 'True'].all(x, bool(x))"), "true");
  EXPECT_EQ(answer("['0', 'f', 'F', 'false', 'FALSE', 'False'].exists(x, bool(x))"), "false");
  EXPECT_EQ(answer("bool(true)"), "true");
  EXPECT_EQ(answer("bool('yes')"), "failed: column 1: \"yes\" is no bool");
  EXPECT_EQ(answer("bool(dyn(1))"), "failed: column 1: there is no bool for int");
}

TEST(Functions, RangeCountsFromNothing) {
  EXPECT_EQ(answer("lists.range(3)"), "[0,1,2]");
  EXPECT_EQ(answer("[lists.range(0), lists.range(-1), lists.range(-9223372036854775808)]"), "[[],[],[]]");
  EXPECT_EQ(answer("lists.range(params.n).map(i, i * 2)[6]"), "12");
  EXPECT_EQ(type_of("lists.range(3)"), "list(int)");
  EXPECT_EQ(answer("lists.range(dyn('3'))"), "failed: column 7: \"lists.range\" does not work with string");
  EXPECT_EQ(answer("lists.range(dyn(3.0))"), "failed: column 7: \"lists.range\" does not work with double");
}

TEST(Functions, RangeIsNoMethodOfAVariable) {
  EXPECT_EQ(answer("[[7]].map(lists, lists.range(1))"), "[[0]]");
  EXPECT_EQ(answer("lists.range('3')"),
            "refused: column 7: there is no lists.range(string); there is lists.range(int)");
  EXPECT_EQ(answer("lists.range()"), "refused: column 7: there is no lists.range(); there is lists.range(int)");
  EXPECT_EQ(answer("any.lists.range(1)").substr(0, 53), "refused: column 11: there is no method \"range\"; there");
  EXPECT_EQ(answer("lists.reverse([1])"),
            "refused: column 1: there is no variable \"lists\"; there are: any, params, tasks, unset");
}

TEST(Functions, DynHidesATypeFromTheChecker) {
  EXPECT_EQ(type_of("dyn(1)"), "dyn");
  EXPECT_EQ(answer("dyn(1) + 1"), "2");
}

}  // namespace
}  // namespace atelier::cel
