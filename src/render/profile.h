// What a workspace gets by its profile: the BusinessDomain's of that name, else the seed of that name, with the
// workspace's overrides below it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "atelier/api/business_domain.h"
#include "atelier/api/workspace.h"

namespace atelier::render {

inline constexpr std::string_view kDefaultProfile = "small";

struct EffectiveResources {
  std::string profile;
  std::int64_t memory_mb = 0;
  std::int64_t duckdb_memory_mb = 0;
  std::int64_t chunk_size_rows = 0;
  std::int64_t max_parallel_pipelines = 0;
};

// UnknownProfile or AboveProfile, in words that say what would be right.
struct ProfileRefusal {
  std::string reason;
  std::string message;
};

// `tenant` is the BusinessDomain that admits the workspace; null: none does, and then there are the seeds alone.
std::variant<EffectiveResources, ProfileRefusal> effective_resources(const api::WorkspaceResources& resources,
                                                                     const api::BusinessDomainSpec* tenant);

}  // namespace atelier::render
