// Step `sweep`: takes back the names of workspaces that are gone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "stage/outcome.h"
#include "stage/storage.h"

namespace atelier::stage {

struct SweptName {
  std::string name;
  std::string uid;
};

struct SweepRequest {
  std::string storage;
  std::vector<SweptName> remove;
  std::chrono::milliseconds patience = std::chrono::seconds(10);
  Gate gate = nullptr;
};

struct Swept {
  std::vector<std::string> removed;
  std::vector<std::string> absent;       // had no claim: swept before, or never published
  std::vector<std::string> kept;         // claimed by another UID: untouched
  std::vector<std::string> failed;       // still claimed: to be swept again
  std::optional<Failure> first_failure;  // engaged if any failed
};

// Goes through all names, whatever fails. The claim of a name is removed last, so an interrupted sweep is repeated.
// A plain folder, or a link that Atelier did not make, stays in `dags`.
Result<Swept> sweep(const SweepRequest& request);

}  // namespace atelier::stage
