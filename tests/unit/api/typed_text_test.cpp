#include "atelier/api/typed_text.h"

#include <gtest/gtest.h>

namespace atelier::api {
namespace {

// The value as text again, with its type; or the error.
std::string read(std::string_view type, const std::string& text) {
  const auto value = value_of_text(type, text);
  return value ? std::string(value.value().type_name()) + " " + text_of(value.value()) : value.error().message;
}

TEST(TypedText, AStringIsAnyText) {
  for (const char* text : {"", "a b", "5", "[1]", "null"})
    EXPECT_EQ(read("string", text), "string " + std::string(text));
}

TEST(TypedText, AnIntIsCanonicalDecimal) {
  for (const char* text : {"0", "5", "-1", "9223372036854775807", "-9223372036854775808"}) {
    EXPECT_EQ(read("int", text), "int " + std::string(text));
  }
  for (const char* text : {"", "+5", "5.0", "1e3", "0x10", " 5", "5 ", "five", "-", "true"}) {
    EXPECT_EQ(read("int", text),
              "is \"" + std::string(text) + "\", should be an int: decimal digits alone, such as 42 or -1");
  }
  EXPECT_EQ(read("int", "007"), "is \"007\", should be an int: without needless signs, written 7");
  EXPECT_EQ(read("int", "-0"), "is \"-0\", should be an int: without needless signs, written 0");
  EXPECT_EQ(read("int", "9223372036854775808"), "is \"9223372036854775808\", should be an int: at most 64 bits");
  EXPECT_EQ(read("int", "-9223372036854775809"), "is \"-9223372036854775809\", should be an int: at most 64 bits");
}

TEST(TypedText, ABoolIsTrueOrFalse) {
  EXPECT_EQ(read("bool", "true"), "bool true");
  EXPECT_EQ(read("bool", "false"), "bool false");
  for (const char* text : {"", "True", "yes", "1", "\"true\""}) {
    EXPECT_EQ(read("bool", text), "is \"" + std::string(text) + "\", should be a bool: true or false");
  }
}

TEST(TypedText, AListOrMapIsJsonOfThatKind) {
  EXPECT_EQ(read("list", R"( ["a", 1, 2.5, true, null, {"b": []}] )"), R"(list ["a",1,2.5,true,null,{"b":[]}])");
  EXPECT_EQ(read("map", R"({"b": 1, "a": [2]})"), R"(map {"a":[2],"b":1})");
  for (const char* text : {"", "a,b", R"({"a":1})", "[1", "[1] x", "null"}) {
    EXPECT_EQ(read("list", text), "is \"" + std::string(text) + "\", should be a list: JSON such as [\"a\",\"b\"]");
  }
  EXPECT_EQ(read("map", "[1]"), "is \"[1]\", should be a map: JSON such as {\"a\":1}");
  EXPECT_EQ(read("list", "[9223372036854775808]"),
            "is \"[9223372036854775808]\", should be a list: 9223372036854775808 is beyond the 64 bits of an int");
  const std::string deep = std::string(70, '[') + std::string(70, ']');
  EXPECT_NE(read("list", deep).find("nested deeper than 64 times"), std::string::npos);
}

TEST(TypedText, AnErrorShowsALongTextsBeginning) { EXPECT_LT(read("int", std::string(4000, 'x')).size(), 140U); }

TEST(TypedText, TextsAreWrittenAsTheyAreAndAllElseAsJson) {
  EXPECT_EQ(text_of(cel::Value("a \"b\"")), "a \"b\"");
  EXPECT_EQ(text_of(cel::Value(-5)), "-5");
  EXPECT_EQ(text_of(cel::Value(1.5)), "1.5");
  EXPECT_EQ(text_of(cel::Value()), "null");
  EXPECT_EQ(text_of(cel::Value(cel::Value::List{cel::Value("a"), cel::Value(2)})), R"(["a",2])");
  EXPECT_EQ(text_of(cel::Value(cel::Value::List{cel::Value("\xff")})), "[\"\xef\xbf\xbd\"]");
}

TEST(TypedText, EachTypeHasOneInExpressions) {
  EXPECT_EQ(type_of("string").text(), "string");
  EXPECT_EQ(type_of("int").text(), "int");
  EXPECT_EQ(type_of("bool").text(), "bool");
  EXPECT_EQ(type_of("list").text(), "list(dyn)");
  EXPECT_EQ(type_of("map").text(), "map(string, dyn)");
}

}  // namespace
}  // namespace atelier::api
