// Which releases go. The live one never does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "stage/storage.h"

namespace atelier::stage {

struct Retention {
  std::uint64_t releases = 5;           // the live one and the newest others, by modification time
  std::uint64_t min_age_seconds = 600;  // an older one stays as long as this: someone may still be reading it
  std::uint64_t max_age_seconds = 0;    // one that was last live longer ago goes whatever `releases` says; 0: no limit
};

struct Pruned {
  std::uint64_t releases = 0;            // deleted
  std::optional<Failure> first_failure;  // of those that should have gone; they are tried again by the next publish
};

// Goes on whatever fails. Also removes the links that an interrupted adoption leaves among the releases.
// REQUIRES: the claim is held. `now` in seconds since the epoch.
Pruned prune(const Storage& storage, const Folder& releases, const std::string& workspace, const std::string& live,
             const Retention& retention, long long now);

}  // namespace atelier::stage
