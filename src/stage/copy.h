// Step `stage`: copies a tree out of the team's image into the staging area.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "stage/glob.h"
#include "stage/outcome.h"

namespace atelier::stage {

struct CopyRequest {
  std::string from;                // may itself be a link; nothing below it is followed
  std::string to;                  // created with its parents; files already there are replaced, others stay
  std::vector<Glob> include = {};  // none: everything
};

struct Copied {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// Files become 0644 or 0755. Links and special files that a glob selects are DagsRefused; all that can be copied has
// then been copied nevertheless. That nothing was selected is not an error here: the check judges what is published.
Result<Copied> copy(const CopyRequest& request);

}  // namespace atelier::stage
