#include "atelier/base/digest.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(Digest, MatchesTheStandardsExample) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashedName, KeepsTheTextReadableAndTellsIdentitiesApart) {
  const auto first = hashed_name("nightly-extract", "uid-1/extract/1");
  EXPECT_TRUE(first.starts_with("nightly-extract-")) << first;
  EXPECT_EQ(first, hashed_name("nightly-extract", "uid-1/extract/1"));
  EXPECT_NE(first, hashed_name("nightly-extract", "uid-1/extract/2"));
}

TEST(HashedName, IsALabelOfBoundedLength) {
  const auto name = hashed_name(std::string(200, 'a'), "x");
  EXPECT_EQ(name.size(), 63U);
  EXPECT_EQ(hashed_name("ends-with-dash-", "x").find("--"), std::string::npos);
  EXPECT_EQ(hashed_name("", "x").size(), 10U);
}

}  // namespace
}  // namespace atelier
