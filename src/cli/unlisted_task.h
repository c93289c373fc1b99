// A task of a run whose status has too many to tell of it: the same library that writes status says it here.
#pragma once

#include <memory>
#include <string>

#include "atelier/api/pipeline_run.h"
#include "atelier/base/result.h"

namespace atelier::cli {

// The row of `item`, "load" or "load[3]", that status would have; `plan` is what the run is pinned to. Error:
// not_found, where the run has no such task; invalid, where its state cannot be read.
Result<api::TaskStatus> unlisted_task(const api::PipelineRun& run, std::shared_ptr<const api::RunPlan> plan,
                                      const std::string& item, WallTime now);

}  // namespace atelier::cli
