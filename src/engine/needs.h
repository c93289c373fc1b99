// Whether the ends of a task's predecessors let it run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "atelier/engine/ledger.h"
#include "engine/graph.h"

namespace atelier::engine {

// Reasons of a task that never ran.
inline constexpr const char* kWhenFalse = "WhenFalse";
inline constexpr const char* kPredecessorFailed = "PredecessorFailed";
inline constexpr const char* kDependencyUnmet = "DependencyUnmet";  // nobody failed
inline constexpr const char* kNoInput = "NoInput";

// Tasks by their position in Graph::order().
struct Needs {
  std::vector<std::size_t> open;     // those that it waits for and that have not ended
  std::vector<std::size_t> unmet;    // those that ended, and not as asked
  std::vector<std::size_t> missing;  // those whose results it inserts and that ended without
  bool failed = false;               // a failure is why one of `unmet` is there

  bool runs() const { return open.empty() && unmet.empty() && missing.empty(); }
  bool never() const { return !unmet.empty() || !missing.empty(); }
  const char* reason() const { return failed ? kPredecessorFailed : !unmet.empty() ? kDependencyUnmet : kNoInput; }
};

Needs needs_of(const Node& node, const std::function<const Entry&(std::size_t node)>& entry_of);

const TaskEntry& entry_of(const Ledger& ledger, const std::string& task);

// "a, b and 3 more"
std::string listed(const std::vector<std::string>& names);
std::string listed(const Graph& graph, const std::vector<std::size_t>& nodes);

}  // namespace atelier::engine
