#include "render/profile.h"

#include <gtest/gtest.h>

namespace atelier::render {
namespace {

api::WorkspaceResources asks(const std::string& profile, api::ResourceOverrides overrides = {}) {
  return {profile, overrides};
}

EffectiveResources given(const api::WorkspaceResources& resources, const api::BusinessDomainSpec* tenant = nullptr) {
  return std::get<EffectiveResources>(effective_resources(resources, tenant));
}

std::string refused(const api::WorkspaceResources& resources, const api::BusinessDomainSpec* tenant = nullptr) {
  const auto found = effective_resources(resources, tenant);
  const auto* refusal = std::get_if<ProfileRefusal>(&found);
  return refusal == nullptr ? "" : refusal->reason + ": " + refusal->message;
}

TEST(Profile, IsTheWorkspacesThenTheDomainsThenSmall) {
  api::BusinessDomainSpec tenant;
  tenant.default_profile = "tiny";
  EXPECT_EQ(given(asks("")).profile, "small");
  EXPECT_EQ(given(asks(""), &tenant).memory_mb, 1024);
  EXPECT_EQ(given(asks("medium"), &tenant).memory_mb, 16384);
}

TEST(Profile, TheSeedsAreRatatouilles) {
  const auto values = [](const char* name) {
    const EffectiveResources one = given(asks(name));
    return std::vector{one.memory_mb, one.duckdb_memory_mb, one.chunk_size_rows, one.max_parallel_pipelines};
  };
  EXPECT_EQ(values("tiny"), (std::vector<std::int64_t>{1024, 2048, 10'000, 1}));
  EXPECT_EQ(values("small"), (std::vector<std::int64_t>{4096, 8192, 50'000, 2}));
  EXPECT_EQ(values("medium"), (std::vector<std::int64_t>{16384, 32768, 200'000, 4}));
  EXPECT_EQ(values("large"), (std::vector<std::int64_t>{65536, 98304, 500'000, 8}));
}

TEST(Profile, ABusinessDomainHasItsOwnAndReplacesSeeds) {
  api::BusinessDomainSpec tenant;
  tenant.profiles = {{"tiny", 512, 256, 100, 3}, {"huge", 131072, 65536, 1'000'000, 16}};
  EXPECT_EQ(given(asks("tiny"), &tenant).memory_mb, 512);
  EXPECT_EQ(given(asks("huge"), &tenant).max_parallel_pipelines, 16);
  EXPECT_EQ(given(asks("large"), &tenant).memory_mb, 65536);
}

TEST(Profile, OverridesAskForLess) {
  const EffectiveResources less = given(asks("small", {128, 64, 10, 1}));
  EXPECT_EQ(less.memory_mb, 128);
  EXPECT_EQ(less.duckdb_memory_mb, 64);
  EXPECT_EQ(less.chunk_size_rows, 10);
  EXPECT_EQ(less.max_parallel_pipelines, 1);
  EXPECT_EQ(refused(asks("small", {4096, 8192, 50'000, 2})), "") << "as much is fine";
}

TEST(Profile, OverridesAboveItAreRefusedByName) {
  EXPECT_EQ(refused(asks("small", {8192, {}, {}, {}})),
            "AboveProfile: spec.resources.overrides.maxMemoryMB: 8192 is more than the 4096 of profile \"small\"; ask "
            "for at most as much, or name a larger profile");
  EXPECT_EQ(refused(asks("small", {{}, 8193, {}, {}})).find("AboveProfile: spec.resources.overrides.duckdb"), 0U);
  EXPECT_EQ(refused(asks("small", {{}, {}, 50001, {}})).find("AboveProfile: spec.resources.overrides.chunk"), 0U);
  EXPECT_EQ(refused(asks("tiny", {{}, {}, {}, 2})).find("AboveProfile: spec.resources.overrides.maxPar"), 0U);
}

TEST(Profile, UnknownNamesAreNotGuessed) {
  api::BusinessDomainSpec tenant;
  tenant.profiles = {{"tiny", 1, 1, 1, 1}, {"own", 1, 1, 1, 1}};
  EXPECT_EQ(refused(asks("huge"), &tenant),
            "UnknownProfile: spec.resources.profile: there is no profile \"huge\"; there are tiny, own, small, medium, "
            "large, and the BusinessDomain's spec.profiles can have more");
  tenant.default_profile = "gone";
  EXPECT_EQ(refused(asks(""), &tenant).find("UnknownProfile: spec.defaultProfile of the BusinessDomain: "), 0U);
  EXPECT_NE(refused(asks("own")), "") << "of a BusinessDomain that does not admit the workspace";
}

}  // namespace
}  // namespace atelier::render
