// Large results beside their run: a ControllerRevision of their own, named after their content, immutable, and owned by
// each run that refers to it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "atelier/api/pipeline_run.h"
#include "atelier/base/result.h"
#include "atelier/kube/plan.h"

namespace atelier::reconcile {

// Runs of one Pipeline share what is the same.
ObjectKey stored_results_key(const api::PipelineRun& run, const std::string& sha256);

kube::Write store_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256,
                          const std::string& text);
// Adds the run to the owners of what is there, if it is not among them yet.
kube::Write join_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256);
kube::Write load_results(const std::string& id, const api::PipelineRun& run, const std::string& sha256);

// The text in the answer to a load. Error: invalid, when it is not what was stored.
Result<std::string> stored_text(const nlohmann::json& revision, const std::string& sha256);

}  // namespace atelier::reconcile
