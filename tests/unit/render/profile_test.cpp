#include "render/profile.h"

#include <gtest/gtest.h>

namespace atelier::render {
namespace {

TEST(Profile, IsTheWorkspacesThenTheDomainsThenSmall) {
  EXPECT_EQ(effective_resources({}, "")->profile, "small");
  EXPECT_EQ(effective_resources({}, "tiny")->memory_mb, 1024);
  EXPECT_EQ(effective_resources({.profile = "medium", .overrides = {}}, "tiny")->memory_mb, 16384);
}

TEST(Profile, OverridesWin) {
  EXPECT_EQ(effective_resources({.profile = "small", .overrides = {.max_memory_mb = 128}}, "")->memory_mb, 128);
}

TEST(Profile, UnknownNamesAreNotGuessed) {
  EXPECT_FALSE(effective_resources({.profile = "huge", .overrides = {}}, ""));
}

}  // namespace
}  // namespace atelier::render
