#include "render/profile.h"

#include <algorithm>
#include <vector>

namespace atelier::render {
namespace {

// The tenant's own, and those of the seeds that it does not replace.
std::vector<api::Profile> profiles_of(const api::BusinessDomainSpec* tenant) {
  std::vector<api::Profile> out;
  if (tenant != nullptr) out = tenant->profiles;
  for (const api::Profile& seed : api::seed_profiles()) {
    const auto same_name = [&seed](const api::Profile& own) { return own.name == seed.name; };
    if (std::none_of(out.begin(), out.end(), same_name)) out.push_back(seed);
  }
  return out;
}

std::string names_of(const std::vector<api::Profile>& profiles) {
  std::string out;
  for (const api::Profile& one : profiles) out += (out.empty() ? "" : ", ") + one.name;
  return out;
}

}  // namespace

std::variant<EffectiveResources, ProfileRefusal> effective_resources(const api::WorkspaceResources& resources,
                                                                     const api::BusinessDomainSpec* tenant) {
  const bool own = !resources.profile.empty();
  std::string name = own ? resources.profile : tenant == nullptr ? "" : tenant->default_profile;
  if (name.empty()) name = kDefaultProfile;
  const std::vector<api::Profile> profiles = profiles_of(tenant);
  const auto profile =
      std::find_if(profiles.begin(), profiles.end(), [&name](const api::Profile& one) { return one.name == name; });
  if (profile == profiles.end()) {
    const std::string field = own ? "spec.resources.profile" : "spec.defaultProfile of the BusinessDomain";
    return ProfileRefusal{"UnknownProfile", field + ": there is no profile \"" + name + "\"; there are " +
                                                names_of(profiles) +
                                                ", and the BusinessDomain's spec.profiles can have "
                                                "more"};
  }
  EffectiveResources out;
  out.profile = name;
  std::string above;
  const auto take = [&](const char* field, const std::optional<std::int64_t>& wanted, std::int64_t most) {
    if (wanted && *wanted > most && above.empty()) {
      above = std::string("spec.resources.overrides.") + field + ": " + std::to_string(*wanted) + " is more than the " +
              std::to_string(most) + " of profile \"" + name + "\"; ask for at most as much, or name a larger profile";
    }
    return wanted.value_or(most);
  };
  const api::ResourceOverrides& over = resources.overrides;
  out.memory_mb = take("maxMemoryMB", over.max_memory_mb, profile->max_memory_mb);
  out.duckdb_memory_mb = take("duckdbMemoryMB", over.duckdb_memory_mb, profile->duckdb_memory_mb);
  out.chunk_size_rows = take("chunkSizeRows", over.chunk_size_rows, profile->chunk_size_rows);
  out.max_parallel_pipelines =
      take("maxParallelPipelines", over.max_parallel_pipelines, profile->max_parallel_pipelines);
  if (!above.empty()) return ProfileRefusal{"AboveProfile", above};
  return out;
}

}  // namespace atelier::render
