// Resource profiles: the four sizes that data teams know, and what a workspace gets by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "atelier/api/workspace.h"

namespace atelier::render {

struct Profile {
  std::string_view name;
  std::int64_t max_memory_mb;
};

inline constexpr std::string_view kDefaultProfile = "small";

// Null when there is none of that name.
const Profile* find_profile(std::string_view name);

struct EffectiveResources {
  std::string profile;
  std::int64_t memory_mb = 0;
};

// The workspace's own profile, else the BusinessDomain's default, else small; overrides on top. Empty when the
// profile's name is unknown.
std::optional<EffectiveResources> effective_resources(const api::WorkspaceResources& resources,
                                                      std::string_view domain_default);

}  // namespace atelier::render
