// What follows from a run's phase.
#pragma once

#include "atelier/api/pipeline_run.h"

namespace atelier::cli {

// Nothing of it changes any more.
inline bool is_over(const api::PipelineRun& run) {
  const std::string& phase = run.status.phase;
  return phase == "Succeeded" || phase == "Failed" || phase == "Cancelled";
}

}  // namespace atelier::cli
