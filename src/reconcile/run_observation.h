// A pinned run as the engine looks at it. Pure.
#pragma once

#include <map>
#include <string>

#include "atelier/api/pipeline_run.h"
#include "atelier/engine/observed.h"
#include "reconcile/pod_record.h"

namespace atelier::reconcile {

engine::PodObservation observe(const PodRecord& pod);
engine::Attempt attempt_of(const PodRecord& pod);

// The run's values over the Pipeline's defaults.
std::map<std::string, std::string> effective_params(const api::PipelineRunSpec& run, const api::PipelineSpec& pipeline);

}  // namespace atelier::reconcile
