// Where an expression ends that is in a longer text.
#include <gtest/gtest.h>

#include "unit/cel/answers.h"

namespace atelier::cel {
namespace {

// What is before the end, or why there is none.
std::string first_of(std::string_view text) {
  const auto end = Expression::end_in(text);
  if (!end) return "no CEL: " + end.error().message;
  return end.value() == std::string_view::npos ? "open" : std::string(text.substr(0, end.value()));
}

TEST(End, IsTheBraceThatClosesNone) {
  EXPECT_EQ(first_of("1 + 2} and } more"), "1 + 2");
  EXPECT_EQ(first_of("}"), "");
  EXPECT_EQ(first_of("{'a': {'b': 1}}.a} }"), "{'a': {'b': 1}}.a");
  EXPECT_EQ(first_of("[1}"), "[1") << "what is wrong with it says the parser";
}

TEST(End, IsNotInATextLiteral) {
  for (const char* text : {"'}'", R"("}")", "'''}'}'''", R"("""}"}""")", "r'}'", R"(R"\}")", R"('\'}')", R"('\\')"}) {
    EXPECT_EQ(first_of(std::string(text) + "}"), text);
  }
  EXPECT_EQ(first_of(R"(r'\'}')"), R"(r'\')") << "a raw text has no escapes";
}

TEST(End, IsNotInAComment) { EXPECT_EQ(first_of("1 // }'\n + 2}"), "1 // }'\n + 2"); }

TEST(End, IsMissed) {
  for (const char* text : {"", "1 + 2", "{'a': 1}", "1 // }", "'}'"}) EXPECT_EQ(first_of(text), "open") << text;
  EXPECT_EQ(
      first_of("'a}"),
      "no CEL: column 1: this text has no end; it ends with ' on the same line, and with three quotes it may have "
      "lines");
  EXPECT_EQ(first_of("#a}"), "no CEL: column 1: \"#\" has no meaning outside of a text; texts are in quotes");
}

}  // namespace
}  // namespace atelier::cel
