// The part of a run's status that follows from its ledger.
#pragma once

#include <functional>

#include "atelier/engine/decide.h"
#include "engine/graph.h"

namespace atelier::engine {

// Why a task, or an item of it, that waits does not run; empty if there is nothing to say.
using WhyWaiting = std::function<std::string(const Node& node, std::int64_t item)>;

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Ledger& ledger,
                    const WhyWaiting& why);

}  // namespace atelier::engine
