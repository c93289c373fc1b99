// Walking a tree that may be hostile: in order of names, following nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "stage/folder.h"
#include "stage/outcome.h"

namespace atelier::stage {

struct Visit {
  const Folder& folder;  // that holds the entry
  const std::string& name;
  const std::string& path;    // relative to the root of the walk
  const struct stat& status;  // of the entry, not of what a link points to
  std::size_t depth;          // names in `path`
};

enum class Next { go_on, skip, stop };  // skip: do not descend into this folder

struct Walk {
  // Called for every entry, folders before what they hold.
  std::function<Result<Next>(const Visit&)> visit;
  // Called for every folder, the root included, after all it holds.
  std::function<Result<void>(const Folder&)> leave = {};
  // Turns what the kernel said about a path (relative to the root; empty for the root) into the walk's failure.
  std::function<Failure(Errno, const std::string& path)> explain;
};

// Ends with the first failure. Folders nested deeper than 512 are ENAMETOOLONG.
Result<void> walk(const Folder& root, const Walk& walk);

}  // namespace atelier::stage
