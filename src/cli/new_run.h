// A run to be made, checked by the rules of the operator before anything is sent. Pure.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "atelier/api/pipeline.h"
#include "atelier/api/pipeline_run.h"

namespace atelier::cli {

// "day=2026-01-31" and so on. Error: invalid, for what is no NAME=VALUE or names one twice.
Result<std::map<std::string, std::string>> parse_params(const std::vector<std::string>& texts);

// Of the one that --name gives; empty: none.
Result<void> check_name(const std::string& name);

bool has_approvals(const api::PipelineSpec& spec);

// The manifest of a run of `pipeline` named `name`; empty: the API server completes the pipeline's name. `author` is
// written where people have to approve. Error: invalid, with all that is wrong.
Result<nlohmann::json> new_run(const api::Pipeline& pipeline, const std::string& name,
                               const std::map<std::string, std::string>& params, const std::string& author);

// The manifest of a run that takes over what succeeded in `before`. Error: conflict, when there is nothing to retry.
Result<nlohmann::json> retry_of(const api::PipelineRun& before, const std::string& author);

}  // namespace atelier::cli
