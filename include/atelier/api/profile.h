// Resource profiles: what the containers, tasks and runs of a workspace get by a name. A BusinessDomain may have its
// own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace atelier::api {

struct Profile {
  static constexpr std::size_t kMost = 16;            // own ones of a BusinessDomain
  static constexpr std::int64_t kMostParallel = 500;  // they are listed in the Workspace's status

  std::string name;
  std::int64_t max_memory_mb = 0;           // of each container and of each task's pod, in MiB
  std::int64_t duckdb_memory_mb = 0;        // told to the work, which uses it as it likes
  std::int64_t chunk_size_rows = 0;         // likewise
  std::int64_t max_parallel_pipelines = 0;  // runs of the workspace at a time

  bool operator==(const Profile&) const = default;
};

// Those that every BusinessDomain has unless it replaces them: tiny, small, medium and large.
const std::array<Profile, 4>& seed_profiles();
// Null: it is none of them.
const Profile* find_seed_profile(std::string_view name);

}  // namespace atelier::api
