// A person's word, checked before it is given. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "atelier/api/approval.h"
#include "atelier/api/pipeline_run.h"

namespace atelier::cli {

// The manifest of `word` about `run`. `pipeline` is the run's as it is now, which says nothing of a run that has
// started; null: it cannot be read. Error: conflict,
// for a word that could not count; invalid, for one that is none.
Result<nlohmann::json> approval(const api::ApprovalSpec& word, const api::PipelineRun& run,
                                const api::PipelineSpec* pipeline);

}  // namespace atelier::cli
