#include "stage/json.h"

#include <gtest/gtest.h>

#include "stage/utf8.h"

namespace atelier::stage {
namespace {

TEST(Json, reads_back_every_string_it_writes) {
  for (const std::string text : {"", "plain", "quote\" slash\\ /", "tab\t line\n bell\a del\x7F", "ä€😀"}) {
    auto json = Json::parse("{\"text\":" + json_string(text) + "}");
    ASSERT_TRUE(json) << text;
    EXPECT_EQ(json->string_at("text"), text);
  }
}

TEST(Json, replaces_what_is_not_utf8) {
  EXPECT_EQ(json_string("a\xFF"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
}

TEST(Json, reads_documents_of_every_type_it_knows) {
  auto json = Json::parse(R"( {"a": [1, {"b": true}, null], "n": 18446744073709551615, "f": false} )");
  ASSERT_TRUE(json);
  ASSERT_TRUE(json->array_at("a"));
  EXPECT_EQ(json->array_at("a")->size(), 3U);
  EXPECT_EQ((*json->array_at("a"))[1].bool_at("b"), true);
  EXPECT_EQ(json->number_at("n"), 18446744073709551615ULL);
  EXPECT_EQ(json->bool_at("f"), false);
  EXPECT_FALSE(json->string_at("n"));
  EXPECT_FALSE(json->number_at("absent"));
}

TEST(Json, refuses_what_is_no_document) {
  for (const char* text : {"", "{", "{}x", "[1,]", "{\"a\" 1}", "01", "-1", "1.5", "1e3", "18446744073709551616",
                           "\"unterminated", "\"\\u0100\"", "\"\\x\"", "\"raw\ncontrol\"", "\"\xFF\"", "nul",
                           "{\"a\":1,\"a\":2}", "[[[[[[[[[[1]]]]]]]]]]"}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
}

TEST(Utf8, shows_what_cannot_be_printed) {
  EXPECT_EQ(printable("ok ä"), "ok ä");
  EXPECT_EQ(printable("\x1B[31mred\n"), "\\x1b[31mred\\x0a");
  EXPECT_EQ(printable("\xC2\x85"), "\\xc2\\x85");
  EXPECT_EQ(printable("\xFFz"), "\\xffz");
}

TEST(Utf8, cuts_between_characters) {
  EXPECT_EQ(utf8_prefix("aä", 2), "a");
  EXPECT_EQ(utf8_prefix("aä", 3), "aä");
  EXPECT_EQ(utf8_prefix("😀", 3), "");
}

}  // namespace
}  // namespace atelier::stage
