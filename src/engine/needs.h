// Whether the ends of a task's predecessors let it run.
#pragma once

#include <string>
#include <vector>

#include "atelier/engine/ledger.h"
#include "engine/graph.h"

namespace atelier::engine {

// Reasons of a task that never ran.
inline constexpr const char* kSkippedOnRequest = "SkippedOnRequest";
inline constexpr const char* kWhenFalse = "WhenFalse";
inline constexpr const char* kPredecessorFailed = "PredecessorFailed";
inline constexpr const char* kDependencyUnmet = "DependencyUnmet";  // nobody failed
inline constexpr const char* kNoInput = "NoInput";

struct Needs {
  std::vector<std::string> open;     // tasks that it waits for and that have not ended
  std::vector<std::string> unmet;    // those that ended, and not as asked
  std::vector<std::string> missing;  // those whose results it inserts and that ended without
  bool failed = false;               // a failure is why one of `unmet` is there

  bool runs() const { return open.empty() && unmet.empty() && missing.empty(); }
  bool never() const { return !unmet.empty() || !missing.empty(); }
  const char* reason() const { return failed ? kPredecessorFailed : !unmet.empty() ? kDependencyUnmet : kNoInput; }
};

Needs needs_of(const Node& node, const Ledger& ledger);

const TaskEntry& entry_of(const Ledger& ledger, const std::string& task);

// "a, b and 3 more"
std::string listed(const std::vector<std::string>& names);

}  // namespace atelier::engine
