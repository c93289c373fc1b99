#include "registry/tags.h"

#include <gtest/gtest.h>

namespace atelier::registry {
namespace {

std::string read(const std::string& body, std::size_t most = 100) {
  Tags tags;
  const auto done = read_tags(body, {.listed = most, .bytes = 1'000}, tags);
  if (!done) return done.error().message;
  std::string text;
  for (const std::string& tag : tags.all) text += tag + " ";
  return text;
}

TEST(Tags, AreReadAsRegistriesListThem) {
  EXPECT_EQ(read(R"({"name":"team/app","tags":["1.0","latest"]})"), "1.0 latest ");
  EXPECT_EQ(read(R"({"tags":["b","a"],"name":"x","child":["c"],"manifest":{"tags":["d"],"x":[{"tags":["e"]}]}})"),
            "b a ")
      << "Google's list has more members";
  for (const char* none : {R"({"name":"x","tags":null})", R"({"name":"x","tags":[]})", R"({"name":"x"})", "{}"}) {
    EXPECT_EQ(read(none), "") << none;
  }
}

TEST(Tags, ThatAreNoneAreLeftOut) {
  EXPECT_EQ(read("{\"tags\":[\"a\",\"b\\u0000\",\"../c\",\"\\u001b[31m\",\"\",\"d\"]}"), "a d ");
}

TEST(Tags, AreNotGuessed) {
  for (const char* body :
       {"", "[]", "null", "\"tags\"", "7", R"({"tags":"a"})", R"({"tags":{"a":1}})", R"({"tags":[1]})",
        R"({"tags":[["a"]]})", R"({"tags":[{"a":"b"}]})", R"({"tags":[null]})", R"({"tags":5})", R"({"tags":["a")",
        "<html>", R"({"tags":["a"]} x)", "{\"tags\":[\"\xff\"]}"}) {
    EXPECT_EQ(read(body), "its list of tags cannot be read") << body;
  }
  EXPECT_EQ(read(R"({"x":)" + std::string(1'000'000, '[')), "its list of tags cannot be read");
}

TEST(Tags, HaveABoundOverAllPages) {
  const MostTags most{.listed = 3, .bytes = 100};
  Tags tags;
  EXPECT_TRUE(read_tags(R"({"tags":["a","b"]})", most, tags));
  EXPECT_TRUE(read_tags(R"({"tags":["c"]})", most, tags));
  const auto more = read_tags(R"({"tags":["d"]})", most, tags);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "it has more than 3 tags");
}

TEST(Tags, CountIfTheyAreNoneToo) { EXPECT_EQ(read(R"({"tags":["","","",""]})", 3), "it has more than 3 tags"); }

TEST(Tags, HaveABoundOfTheirLengthOverAllPages) {
  const MostTags most{.listed = 100, .bytes = 8};
  Tags tags;
  EXPECT_TRUE(read_tags(R"({"tags":["aaaa","bbbb"]})", most, tags));
  const auto more = read_tags(R"({"tags":["c"]})", most, tags);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "its tags have more than 8 bytes");
}

}  // namespace
}  // namespace atelier::registry
