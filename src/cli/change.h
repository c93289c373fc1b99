// Small changes of an object, decided from what it is. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "atelier/api/pipeline_run.h"
#include "atelier/api/workspace.h"

namespace atelier::cli {

struct Change {
  nlohmann::json spec;  // a merge patch; null: nothing has to change
  std::string said;     // what was done, or that it was so already
};

// Error: conflict, when the run is over or is cancelled otherwise.
Result<Change> cancel(const api::PipelineRun& run, const api::RunCancel& how);
Result<Change> suspend(const api::PipelineRun& run, bool wanted);

// To a release that the storage has, by its name or the first digits; an empty one takes the pin away, so that what the
// image holds is published. Error: invalid for what is no release's name, not_found for one that is not there.
Result<Change> roll_back(const api::Workspace& workspace, const std::string& release);

}  // namespace atelier::cli
