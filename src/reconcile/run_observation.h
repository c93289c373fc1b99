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

// The values that the run was given, see run_takeover.h, over the Pipeline's defaults.
std::map<std::string, std::string> effective_params(const std::map<std::string, std::string>& given,
                                                    const api::PipelineSpec& pipeline);

}  // namespace atelier::reconcile
