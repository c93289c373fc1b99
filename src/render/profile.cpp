#include "render/profile.h"

#include <algorithm>
#include <array>

namespace atelier::render {
namespace {

constexpr std::array<Profile, 4> kProfiles{{{"tiny", 1024}, {"small", 4096}, {"medium", 16384}, {"large", 65536}}};
static_assert(std::equal(kProfiles.begin(), kProfiles.end(), api::kProfileNames.begin(), api::kProfileNames.end(),
                         [](const Profile& profile, std::string_view name) { return profile.name == name; }),
              "validation knows other profiles");

}  // namespace

const Profile* find_profile(std::string_view name) {
  for (const Profile& profile : kProfiles) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

std::optional<EffectiveResources> effective_resources(const api::WorkspaceResources& resources,
                                                      std::string_view domain_default) {
  std::string_view name = resources.profile;
  if (name.empty()) name = domain_default;
  if (name.empty()) name = kDefaultProfile;
  const Profile* profile = find_profile(name);
  if (profile == nullptr) return std::nullopt;
  return EffectiveResources{std::string(name), resources.overrides.max_memory_mb.value_or(profile->max_memory_mb)};
}

}  // namespace atelier::render
