// Step `rollback`: makes a release live that is on the storage already.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "stage/publish.h"

namespace atelier::stage {

struct RollbackRequest {
  std::string storage;  // the DataDomain's folder
  Holder holder;        // its name is the workspace's
  std::uint64_t sequence = 0;
  std::string release;                                            // an id, its beginning, or the name of an adopted one
  long long now = 0;                                              // seconds since the epoch
  std::chrono::milliseconds patience = std::chrono::seconds(60);  // for another publisher of the name to finish
  Gate gate = nullptr;
};

// The id of a release (64 hexadecimal digits), at least its first twelve, or adopted-<time>.
bool names_release(std::string_view text);

// ReleaseMissing if there is none of that name or several, with the names of those that are there; ReleaseDamaged if
// its content is not what its id says. Nothing is pruned: one goes back to look for what still works. The same about
// crashes as publish().
Result<Published> roll_back(const RollbackRequest& request);

}  // namespace atelier::stage
