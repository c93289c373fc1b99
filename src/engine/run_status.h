// The part of a run's status that follows from its ledger.
#pragma once

#include <vector>

#include "atelier/engine/decide.h"

namespace atelier::engine {

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const std::vector<api::Task>& tasks,
                    const Ledger& ledger);

}  // namespace atelier::engine
