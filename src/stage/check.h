// Step `check`: refuses a tree that must not reach the storage and writes the manifest of one that may.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "stage/folder.h"
#include "stage/manifest.h"
#include "stage/outcome.h"
#include "stage/preflight.h"

namespace atelier::stage {

struct Limits {
  std::uint64_t files = 10'000;  // also of folders
  std::uint64_t bytes = 512ULL << 20;
  std::size_t depth = 32;  // names in a path
  std::size_t path_bytes = 2048;
};

// For what has been checked before.
inline constexpr Limits kNoLimits{.files = std::numeric_limits<std::uint64_t>::max(),
                                  .bytes = std::numeric_limits<std::uint64_t>::max(),
                                  .depth = std::numeric_limits<std::size_t>::max(),
                                  .path_bytes = std::numeric_limits<std::size_t>::max()};

// Every rule of the check but the hashing, as metadata says it. Returns the paths of the regular files, sorted.
// DagsRefused names what is wrong, DagsFolderEmpty if there is no regular file.
//
// The set-group bit of a folder is no offence: an emptyDir with an fsGroup has it.
Result<std::vector<std::string>> list_publishable(const Folder& tree, const Limits& limits);

// The manifest of the tree as it is, by the same rules.
Result<Manifest> read_tree(const Folder& tree, const Limits& limits);

struct CheckRequest {
  std::string tree;
  std::string manifest;
  std::string airflow_dags{};  // what Airflow found, see airflow_dags.h; empty: ids are those spelled out
  Limits limits = {};
};

struct Checked {
  Manifest manifest;
  PythonFindings python;
};

Result<Checked> check(const CheckRequest& request);

}  // namespace atelier::stage
