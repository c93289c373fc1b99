// Whether the operator can do its work, as Kubernetes asks for it. Pure.
#pragma once

#include <string>
#include <vector>

namespace atelier::app {

struct Check {
  std::string name;
  std::string failure;  // why not; empty: it holds
};

// A resource whose first list is not in.
struct Unlisted {
  std::string what;
  std::string refusal{};  // the last one, in the API server's words; empty: none yet
  std::string remedy{};   // what an administrator does about it; empty: it may pass
};

struct Readiness {
  std::vector<Unlisted> unlisted{};
  bool leading = false;
  std::string holder{};  // another process that was seen to hold the lease
  bool stopping = false;
};

// "synced" and "leadership". A standby is ready: it knows who leads, and has what it needs to take over.
std::vector<Check> ready_checks(const Readiness& now);

}  // namespace atelier::app
