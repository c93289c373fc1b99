// What the status of a run has room for: with all that is in it 64 KiB as JSON.
#pragma once

#include <cstddef>

#include "atelier/api/pipeline_run.h"
#include "atelier/engine/ledger.h"

namespace atelier::reconcile {

inline constexpr std::size_t kLargestStatus = 64U << 10U;

// Writes the ledger into status.state, shorter where the parameters that a run took over leave less room, and takes
// away those of the last rows of tasks that there is no room for beside it. REQUIRES that all else is in the status.
void fit_status(api::PipelineRunStatus& status, const engine::Ledger& ledger);

}  // namespace atelier::reconcile
