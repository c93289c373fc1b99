#include "atelier/yaml/document.h"

#include <gtest/gtest.h>

namespace atelier::yaml {
namespace {

std::map<std::string, int> blocks(const std::string& text) {
  const auto documents = parse(text);
  return documents && !documents.value().empty() ? documents.value().front().blocks : std::map<std::string, int>{};
}

TEST(Document, KnowsWhereATextThatIsABlockBegins) {
  EXPECT_EQ(blocks("a: 1\nb:\n  c: |\n    - x\n    - y\n"), (std::map<std::string, int>{{"b.c", 4}}));
  EXPECT_EQ(blocks("a: |-  # said below\n  x\n  y\n"), (std::map<std::string, int>{{"a", 2}}));
}

TEST(Document, TakesNoTextInQuotesForABlock) {
  EXPECT_TRUE(blocks("a: \"x\\ny\"\nb: 1\n").empty());
  EXPECT_TRUE(blocks("a: x\nb: y\n").empty());
  EXPECT_TRUE(blocks("a: \"x\\ny\"").empty());
}

// https://github.com/jbeder/yaml-cpp/issues/1040
TEST(Document, RefusesACommaWithoutEnd) {
  for (const char* text : {",", ",$:", ", a"}) {
    const auto documents = parse(text);
    ASSERT_FALSE(documents) << text;
    EXPECT_EQ(documents.error().message, "line 1: there is no value here") << text;
  }
  EXPECT_EQ(parse("---\n---\na: 1\n---\n").value().size(), 1U) << "empty documents have a place each";
}

TEST(Document, QuotesNoPartOfACharacter) {
  EXPECT_EQ(parse("a: \"\\\xc3\xa4\"").error().message, "line 1: unknown escape character: ");
}

TEST(Document, IsUtf8) {
  for (const std::string text : {"\n\"\xff\": 1\n\"\xff\": 2", "\na: \xc3", "a: 1\nb: \xe4 # as in Latin-1"}) {
    EXPECT_EQ(parse(text).error().message, "line 2: is not UTF-8, in which the file should be saved");
  }
  EXPECT_TRUE(parse("a: \xc3\xa4"));
}

TEST(Document, RefusesAnAliasOfWhatItIsIn) {
  for (const char* text : {"a: &a [*a]", "a: &a {b: {c: *a}}"}) {
    const auto documents = parse(text);
    ASSERT_FALSE(documents) << text;
    EXPECT_EQ(documents.error().message, "line 1: nested too deep; an alias of what it is in?");
  }
  EXPECT_TRUE(parse(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(parse(std::string(102, '[') + std::string(102, ']')));
}

}  // namespace
}  // namespace atelier::yaml
