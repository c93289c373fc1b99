// Which tag is chosen, and which image is deployed.
#include "atelier/api/deployed_image.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "atelier/api/tag_pattern.h"

namespace atelier::api {
namespace {

std::string by_semver(const std::string& range, const std::vector<std::string>& tags) {
  ImageFollow follow;
  follow.semver = range;
  return choose_tag(follow, tags).value_or("(none)");
}

std::string by_pattern(const std::string& pattern, const std::vector<std::string>& tags) {
  ImageFollow follow;
  follow.pattern = pattern;
  return choose_tag(follow, tags).value_or("(none)");
}

TEST(ChosenTag, IsTheNewestVersionOfTheRange) {
  const std::vector<std::string> tags{"latest", "1.2.0",       "1.10.0", "1.9.3", "v1.10.1",
                                      "2.0.0",  "1.11.0-rc.1", "1",      "1.12"};
  EXPECT_EQ(by_semver("^1.2", tags), "v1.10.1");
  EXPECT_EQ(by_semver(">=1.11.0-rc.1 <2", tags), "1.11.0-rc.1");
  EXPECT_EQ(by_semver("*", tags), "2.0.0");
  EXPECT_EQ(by_semver("~1.3", tags), "(none)");
  EXPECT_EQ(by_semver("*", {}), "(none)");
}

TEST(ChosenTag, IsTheSameOfEqualVersionsInWhateverOrderTheyCome) {
  EXPECT_EQ(by_semver("1", {"1.2.3", "v1.2.3"}), "1.2.3");
  EXPECT_EQ(by_semver("1", {"v1.2.3", "1.2.3"}), "1.2.3");
  EXPECT_EQ(by_semver("1", {"1.2.3+a", "1.2.3+b"}), "1.2.3+b");
  EXPECT_EQ(by_semver("1", {"1.2.3+b", "1.2.3+a"}), "1.2.3+b");
}

TEST(ChosenTag, HasTheGreatestNumberInItsGroup) {
  const std::vector<std::string> tags{"main-9", "main-10", "main-010", "dev-99", "main-x", "main-", "main-7-rc"};
  EXPECT_EQ(by_pattern("main-(#)", tags), "main-10");
  EXPECT_EQ(by_pattern("(#)", tags), "(none)");
  EXPECT_EQ(by_pattern("*-(#)", tags), "dev-99");
  EXPECT_EQ(by_pattern("main-(#)-*", tags), "main-7-rc");
  EXPECT_EQ(by_pattern("main-(#)", {"main-18446744073709551616", "main-18446744073709551615"}),
            "main-18446744073709551616");
}

TEST(ChosenTag, HasTheGreatestTextWhereNotAllAreNumbers) {
  EXPECT_EQ(by_pattern("main-(*)", {"main-9", "main-10"}), "main-10");
  EXPECT_EQ(by_pattern("main-(*)", {"main-9", "main-10", "main-2026-11"}), "main-9");
  EXPECT_EQ(by_pattern("(*)", {"2026-01-02", "2026-01-10", "2025-12-31"}), "2026-01-10");
}

TEST(TagPattern, TakesTheEarliestBeginAndTheLatestEndForItsGroup) {
  struct Case {
    const char* pattern;
    const char* tag;
    const char* group;  // empty: no match
  };
  const Case cases[] = {
      {"a-(*)-b", "a-1-b-b", "1-b"},
      {"a-*-(*)", "a-x-y-z", "y-z"},
      {"*(#)", "build-123", "123"},
      {"*(#)*", "a1b22", "1"},
      {"(#)*", "12ab", "12"},
      {"*-(#)-*-z", "a-b-12-c-z", "12"},
      {"(*)", "x", "x"},
      {"a(*)a", "aa", ""},
      {"a(*)a", "aaa", "a"},
      {"a*(*)*a", "aaa", "a"},
      {"main-(#)", "main-1x", ""},
      {"main-(#)", "xmain-1", ""},
      {"*-(#)*", "x-a-1", "1"},
      {"(#)-*", "1-2-3", "1"},
      {"*(#)-x", "12-3-x", "3"},
      {"a*b*c(*)d*e", "abcXdYe", "X"},
      {"a*b*c(*)d*e", "acbXdYe", ""},
      {"**(*)**", "xyz", "xyz"},
      {"(*)-(*)", "a-b", ""},
  };
  for (const Case& one : cases) {
    const auto pattern = TagPattern::parse(one.pattern);
    if (std::string(one.pattern) == "(*)-(*)") {
      EXPECT_FALSE(pattern) << "one group is enough";
      continue;
    }
    ASSERT_TRUE(pattern) << one.pattern;
    EXPECT_EQ(pattern.value().capture(one.tag).value_or(""), one.group) << one.pattern << " of " << one.tag;
  }
}

TEST(TagPattern, IsNoRegularExpressionAndHasOneGroup) {
  for (const char* bad : {"", "main", "main-*", "main-([0-9]+)", "^main-(*)$", "(#", "#)", "()", "(*", "main-(*)x(#)",
                          "a b(*)", "main-(?)", "(**)", "main|(*)", "(#)("}) {
    EXPECT_FALSE(TagPattern::parse(bad)) << '"' << bad << '"';
  }
}

TEST(TagPattern, IsDecidedAtOnceForHostileTags) {
  const auto pattern =
      TagPattern::parse(std::string(30, '*') + "a*a*a*a*a*a*a*(#)*b*b*b*b*b*" + std::string(30, '*') + "c");
  ASSERT_TRUE(pattern);
  for (int i = 0; i < 2'000; ++i) EXPECT_FALSE(pattern.value().capture(std::string(128, 'a')));
}

// In a time that grows with the square of its length, the tag would keep the operator's loop for hours.
TEST(TagPattern, IsDecidedInProportionToTheTag) {
  const std::string digits(1 << 20, '1');
  for (const char* pattern : {"*(*)*b", "*(#)*b", "b*(*)*", "*(#)b", "*1(*)1*b"}) {
    EXPECT_FALSE(TagPattern::parse(pattern).value().capture(digits)) << pattern;
  }
  EXPECT_EQ(TagPattern::parse("*(#)*").value().capture(digits), digits);
  EXPECT_EQ(TagPattern::parse("*1(*)*").value().capture(digits)->size(), digits.size() - 1);
}

TEST(TagPattern, FindsItsGroupAsTryingEveryPlaceDoes) {
  // All tags of up to seven of these characters, and every group in them.
  const std::string letters = "a1-";
  std::vector<std::string> tags{""};
  for (std::size_t i = 0; tags[i].size() < 7; ++i) {
    for (const char c : letters) tags.push_back(tags[i] + c);
  }
  const auto pattern = TagPattern::parse("*-(#)*").value();
  for (const std::string& tag : tags) {
    std::string expected;
    for (std::size_t from = 1; from < tag.size() && expected.empty(); ++from) {
      const std::size_t run = std::min(tag.find_first_not_of('1', from), tag.size());
      if (tag[from - 1] == '-') expected = tag.substr(from, run - from);
    }
    EXPECT_EQ(pattern.capture(tag).value_or(""), expected) << tag;
  }
}

Workspace following() {
  Workspace workspace;
  workspace.spec.image.repository = "registry/ws";
  workspace.spec.image.follow.emplace().semver = "^1";
  workspace.status.image = {"registry/ws", "1.2.3", "sha256:77", "semver \"^1\"", {}};
  return workspace;
}

TEST(DeployedImage, IsTheSpecsWhereNothingIsFollowed) {
  Workspace workspace;
  workspace.spec.image.repository = "registry/ws";
  workspace.spec.image.tag = "1";
  workspace.status.image = following().status.image;
  EXPECT_EQ(deployed_image(workspace), (DeployedImage{"registry/ws:1", "registry/ws:1", ""}));
  workspace.spec.image.tag.clear();
  workspace.spec.image.digest = "sha256:88";
  EXPECT_EQ(deployed_image(workspace)->reference, "registry/ws@sha256:88");
}

TEST(DeployedImage, IsWhatWasChosenByItsDigest) {
  EXPECT_EQ(deployed_image(following()),
            (DeployedImage{"registry/ws:1.2.3", "registry/ws@sha256:77", "registry/ws@sha256:77"}));
}

TEST(DeployedImage, IsNotWhatAnotherRuleOrRepositoryGave) {
  Workspace workspace = following();
  workspace.spec.image.follow->semver = "^2";
  EXPECT_FALSE(deployed_image(workspace)) << "nobody asked for an image of ^1 any more";
  workspace.spec.image.follow->suspend = true;
  EXPECT_TRUE(deployed_image(workspace)) << "what was chosen stays";
  workspace.spec.image.repository = "registry/other";
  EXPECT_FALSE(deployed_image(workspace));
  workspace = following();
  workspace.status.image.reset();
  EXPECT_FALSE(deployed_image(workspace));
}

}  // namespace
}  // namespace atelier::api
