#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

TEST(Literals, IntsAreDecimalOrHexadecimalAndHave64Bits) {
  EXPECT_EQ(answer("42"), "42");
  EXPECT_EQ(answer("007"), "7");
  EXPECT_EQ(answer("0x1F"), "31");
  EXPECT_EQ(answer("-0x8000000000000000"), "-9223372036854775808");
  EXPECT_EQ(answer("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(answer("9223372036854775808"),
            "refused: column 1: \"9223372036854775808\" is beyond the 64 bits of an int");
}

TEST(Literals, DoublesHaveAFractionOrAnExponent) {
  EXPECT_EQ(answer("[1.5, .5, 1e3, 2.5E-1, -1.0]"), "[1.5,0.5,1000.0,0.25,-1.0]");
  EXPECT_EQ(answer("1e400"), "refused: column 1: \"1e400\" is too large for a double");
  EXPECT_EQ(answer("1e-400"), "0.0");
}

TEST(Literals, ANumberEndsBeforeALetter) {
  EXPECT_EQ(answer("12kg"), "refused: column 3: after the number \"12\" comes \"k\", which is not part of it");
}

TEST(Literals, TextsAreInOneOrThreeQuotesOfEitherKind) {
  EXPECT_EQ(answer(R"(['a"b', "a'b", '''a'b''c''', """a"b"""])"), R"(["a\"b","a'b","a'b''c","a\"b"])");
  EXPECT_EQ(answer("['', \"\", '''''', \"\"\"\"\"\"]"), R"(["","","",""])");
}

TEST(Literals, ATextInThreeQuotesMayHaveLinesWhichEndAlike) {
  EXPECT_EQ(answer("'''a\nb\r\nc\rd'''"), R"("a\nb\nc\nd")");
}

TEST(Literals, ATextHasToEnd) {
  const std::string one =
      "this text has no end; it ends with ' on the same line, and with three quotes it may have lines";
  EXPECT_EQ(answer("1 + 'a"), "refused: column 5: " + one);
  EXPECT_EQ(answer("'a\nb'"), "refused: column 1: " + one);
  EXPECT_EQ(answer("'''a'"), "refused: column 1: this text has no end; it ends with '''");
}

TEST(Literals, EscapesStandForCharacters) {
  EXPECT_EQ(answer(R"('\n\r\t\\\'\"\`\?')"), R"("\n\r\t\\'\"`?")");
  EXPECT_EQ(answer(R"('\a\b\f\v'.size())"), "4");
  EXPECT_EQ(answer(R"('\x41\X42\103\u00e4\U0001F600')"), "\"ABCä😀\"");
  EXPECT_EQ(answer(R"('\xe4\344' == 'ää')"), "true");
}

TEST(Literals, AnEscapeThatIsNoneIsRefusedWhereItIs) {
  EXPECT_EQ(answer(R"('ab\q')"),
            R"(refused: column 4: there is no such escape; there are \n \r \t \a \b \f \v \\ \' \" \` \? \xHH \uHHHH )"
            R"(\UHHHHHHHH \OOO, and r'...' for a text without escapes)");
  EXPECT_EQ(answer(R"('\x4')"), "refused: column 2: this escape needs 2 hexadecimal digits");
  EXPECT_EQ(answer(R"('\u12g4')"), "refused: column 2: this escape needs 4 hexadecimal digits");
  EXPECT_EQ(answer(R"('\08')"), "refused: column 2: this escape needs 3 octal digits from 000 to 377");
  EXPECT_EQ(answer(R"('\ud800')"), "refused: column 2: there is no character U+d800");
  EXPECT_EQ(answer(R"('\U00110000')"), "refused: column 2: there is no character U+00110000");
}

TEST(Literals, ARawTextHasNoEscapes) { EXPECT_EQ(answer(R"(r'\d+' + R"\n" + r'''a\''')"), R"("\\d+\\na\\")"); }

TEST(Literals, ListsAndMapsMayEndWithAComma) {
  EXPECT_EQ(answer("[1, [2], {'a': 3,},]"), R"([1,[2],{"a":3}])");
  EXPECT_EQ(answer("[[,], {,}]"), "[[],{}]");
}

TEST(Literals, AMapHasEachKeyOnce) {
  EXPECT_EQ(answer("{'a': 1, 'b': 2, 'a': 3}"), "failed: column 18: the map has the key \"a\" twice");
}

TEST(Literals, AKeyIsAStringAnIntOrABool) {
  EXPECT_EQ(answer("{'a': 1, 2: 'b', true: null}"), R"({"2":"b","a":1,"true":null})");
  EXPECT_EQ(answer("{1.5: 2}"), "refused: column 2: a map's key is a string, an int or a bool, not double");
  EXPECT_EQ(answer("{null: 2}"), "refused: column 2: a map's key is a string, an int or a bool, not null");
  EXPECT_EQ(answer("{dyn([]): 2}"), "failed: column 2: a map's key is a string, an int or a bool, not list");
}

TEST(Literals, CommentsReachToTheEndOfTheLine) { EXPECT_EQ(answer("1 // one\n  + 2 // 'two"), "3"); }

TEST(Literals, WhatIsNotSupportedIsCalledSo) {
  EXPECT_EQ(answer("1 + 2u"), "refused: column 5: uint is not supported; write 2 for an int");
  EXPECT_EQ(answer("b'a'"), "refused: column 1: \"b\" begins bytes, which are not supported");
  EXPECT_EQ(answer("Br'a'"), "refused: column 1: \"B\" begins bytes, which are not supported");
  EXPECT_EQ(answer("any.`a-b`"), "refused: column 5: \"`\" begins names in backticks, which are not supported");
}

}  // namespace
}  // namespace atelier::cel
