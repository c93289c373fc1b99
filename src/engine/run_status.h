// The part of a run's status that follows from its ledger.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "atelier/engine/decide.h"
#include "engine/graph.h"

namespace atelier::engine {

// Why a task, or an item of it, that waits does not run.
struct Waits {
  std::string words;              // empty: nothing to say
  bool for_its_own_sake = false;  // the reason of its entry is why
};
using WhyWaiting = std::function<Waits(const Node& node, std::int64_t item)>;

// The row of "load" or "load[3]", whether or not status has room for it; empty where there is none.
std::optional<api::TaskStatus> row_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph,
                                      const Ledger& ledger, const WhyWaiting& why, const std::string& name);

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Ledger& ledger,
                    const WhyWaiting& why);

}  // namespace atelier::engine
