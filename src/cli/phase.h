// What follows from a run's phase.
#pragma once

#include <iterator>

#include "atelier/api/pipeline_run.h"

namespace atelier::cli {

// Nothing of it changes any more.
inline bool is_over(const api::PipelineRun& run) {
  const std::string& phase = run.status.phase;
  return phase == "Succeeded" || phase == "Failed" || phase == "Cancelled";
}

// Whether its rows are those of all tasks. There are at most 64, and where a task has items, they count in its place.
inline bool tells_all(const api::PipelineRunStatus& status) {
  constexpr std::size_t kMostRows = 64;
  return status.tasks.size() < kMostRows && status.counts.total <= std::ssize(status.tasks);
}

}  // namespace atelier::cli
