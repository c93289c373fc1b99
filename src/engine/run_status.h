// The part of a run's status that follows from its ledger.
#pragma once

#include "atelier/engine/decide.h"
#include "engine/graph.h"

namespace atelier::engine {

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Ledger& ledger);

}  // namespace atelier::engine
