#include "atelier/api/version.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace atelier::api {
namespace {

struct Case {
  const char* range;
  const char* in;   // separated by spaces
  const char* out;  // likewise
};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// After node-semver's own fixtures.
TEST(VersionRange, TakesWhatNodeSemverTakes) {
  const Case cases[] = {
      {"*", "0.0.0 1.2.3 v9.9.9", "1.2.3-rc.1"},
      {"x", "1.2.3", "1.0.0-0"},
      {"1", "1.0.0 1.9.9", "0.9.9 2.0.0 2.0.0-rc.1 1.0.0-rc.1"},
      {"1.x", "1.0.0 1.2.3", "2.0.0 1.2.3-a"},
      {"1.2.x", "1.2.0 1.2.9", "1.3.0 1.1.9"},
      {"1.2.*", "1.2.3", "1.3.3"},
      {"1.X.3", "1.0.0 1.9.1", "2.1.3"},
      {"v1.2.3", "1.2.3 v1.2.3", "1.2.4 1.2.3-a"},
      {"=1.2.3", "1.2.3 1.2.3+build", "1.2.4"},
      {"= 1.2", "1.2.0 1.2.7", "1.3.0"},
      {"1.2.3-beta.1", "1.2.3-beta.1", "1.2.3 1.2.3-beta.2"},
      {">1.2.3", "1.2.4 2.0.0", "1.2.3 1.2.4-a"},
      {">1.2", "1.3.0", "1.2.0 1.2.9"},
      {">1", "2.0.0", "1.9.9 2.0.0-a"},
      {">=1.2", "1.2.0 9.0.0", "1.1.9 1.2.0-a"},
      {">= 1.2.3", "1.2.3", "1.2.2"},
      {">=1.2 <2", "1.2.0 1.99.0", "2.0.0 2.0.0-rc.1 1.1.0"},
      {"<2", "1.9.9 0.0.0", "2.0.0 2.0.0-alpha"},
      {"<2.0.0", "1.9.9", "2.0.0 2.0.0-alpha"},
      {"<1.2", "1.1.9", "1.2.0 1.2.0-a"},
      {"<=1.2", "1.2.9 1.0.0", "1.3.0"},
      {"<=1.2.3", "1.2.3", "1.2.4"},
      {"<=1", "1.9.9", "2.0.0"},
      {">*", "", "0.0.0 9.9.9 0.0.0-0"},
      {"<*", "", "0.0.0 9.9.9"},
      {">=*", "0.0.0 1.2.3", "1.2.3-a"},
      {"<=*", "0.0.0 1.2.3", "1.2.3-a"},
      {"^1.2.3", "1.2.3 1.9.9", "1.2.2 2.0.0 2.0.0-alpha 1.8.0-a"},
      {"^1.2", "1.2.0 1.9.0", "1.1.9 2.0.0"},
      {"^1", "1.0.0 1.9.9", "2.0.0 0.9.9"},
      {"^ 1", "1.0.0", "2.0.0"},
      {"^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"},
      {"^0.2", "0.2.0 0.2.9", "0.3.0"},
      {"^0.0.3", "0.0.3", "0.0.4 0.0.2"},
      {"^0.0", "0.0.0 0.0.9", "0.1.0"},
      {"^0", "0.0.0 0.9.9", "1.0.0"},
      {"^0.x", "0.0.1 0.9.0", "1.0.0"},
      {"^0.0.x", "0.0.1", "0.1.0"},
      {"^*", "0.0.0 3.0.0", "3.0.0-a"},
      {"^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.11 1.2.3 1.9.0", "1.2.3-beta.1 1.2.4-beta.3 2.0.0"},
      {"^0.0.3-beta", "0.0.3-beta 0.0.3-pr.2 0.0.3", "0.0.4"},
      {"~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"},
      {"~1.2", "1.2.0 1.2.9", "1.3.0"},
      {"~>1.2", "1.2.9", "1.3.0"},
      {"~1", "1.0.0 1.9.9", "2.0.0"},
      {"~0.2.3", "0.2.5", "0.3.0"},
      {"~1.2.3-beta.2", "1.2.3-beta.4 1.2.3", "1.2.4-beta.2 1.2.3-beta.1"},
      {"~*", "0.0.0", ""},
      {"1.2.3 - 2.3.4", "1.2.3 2.3.4 2.0.0", "2.3.5 1.2.2"},
      {"1.2 - 2.3.4", "1.2.0", "1.1.9 2.3.5"},
      {"1.2.3 - 2.3", "2.3.9", "2.4.0 2.4.0-a"},
      {"1.2.3 - 2", "2.9.9", "3.0.0"},
      {"1.2.3-pre+asdf - 2.4.3-pre+asdf", "1.2.3 1.2.3-pre.2 2.4.3-alpha", "2.4.3 2.4.3-prf 1.2.2"},
      {"1.x || >=2.5.0 || 5.0.0 - 7.2.3", "1.0.0 2.5.0 6.0.0", "2.4.9 0.1.0"},
      {"1||2", "1.9.0 2.9.0", "3.0.0"},
      {">=1.2.0-rc.1 <2", "1.2.0-rc.1 1.2.0-rc.2 1.2.0 1.9.9", "1.2.0-beta 1.3.0-rc.1 2.0.0-rc.1"},
      {">1.2.3-alpha.3", "1.2.3-alpha.7 1.2.3 3.4.5", "1.2.3-alpha.3 3.4.5-alpha.9"},
      {"  >=1.2.3   <1.3  ", "1.2.9", "1.3.0"},
  };
  for (const Case& one : cases) {
    const auto range = VersionRange::parse(one.range);
    ASSERT_TRUE(range) << one.range;
    for (const std::string& version : words(one.in)) {
      EXPECT_TRUE(range.value().contains(parse_version(version).value())) << one.range << " takes " << version;
    }
    for (const std::string& version : words(one.out)) {
      EXPECT_FALSE(range.value().contains(parse_version(version).value())) << one.range << " leaves out " << version;
    }
  }
}

TEST(VersionRange, IsRefusedWhereItSaysNothingClear) {
  for (const char* bad :
       {"",         " ",      "||",          "1.x ||", "latest", "^",         ">=",          "1.2.3.4",
        "01.2",     "1.02.3", "^1.2.x-beta", "1.2-rc", "1,2",    ">=1.2, <2", "1.2.3-",      "1.2.3+",
        "1.2.3-01", "=>1",    "><1",         "^^1",    "1 - ",   "a - b",     "1.2.3 2.x.y", "9999999999999999.0.0",
        "1..2",     "-1",     "1.2.3-a..b"}) {
    EXPECT_FALSE(VersionRange::parse(bad)) << '"' << bad << '"';
  }
  EXPECT_EQ(VersionRange::parse("^1 !2").error().message.substr(0, 21), "\"!2\" is no version; w");
}

TEST(Version, IsReadAsAWhole) {
  for (const char* good : {"1.2.3", "v1.2.3", "0.0.0", "1.2.3-rc.1", "1.2.3-0", "1.2.3--", "1.2.3+build.7", "1.2.3-a+b",
                           "20261122093000.0.1"}) {
    EXPECT_TRUE(parse_version(good)) << good;
  }
  for (const char* bad : {"", "1", "1.2", "v", "V1.2.3", "1.2.x", "*", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3_1",
                          "latest", "1.2.3-", "1.2.3-a_b", " 1.2.3", "1.2.3 ", "vv1.2.3", "=1.2.3"}) {
    EXPECT_FALSE(parse_version(bad)) << '"' << bad << '"';
  }
}

TEST(Version, IsOrderedAsSemverSays) {
  const char* const ascending[] = {"0.9.9",        "1.0.0-0",       "1.0.0-2",          "1.0.0-11",
                                   "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
                                   "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",       "1.0.0",
                                   "1.0.1",        "1.2.0",         "1.10.0",           "10.0.0"};
  for (std::size_t i = 1; i < std::size(ascending); ++i) {
    const Version one = *parse_version(ascending[i - 1]);
    const Version other = *parse_version(ascending[i]);
    EXPECT_TRUE(one < other) << ascending[i - 1] << " < " << ascending[i];
    EXPECT_FALSE(other < one);
  }
  EXPECT_EQ(*parse_version("1.2.3+a"), *parse_version("v1.2.3+b"));
}

}  // namespace
}  // namespace atelier::api
