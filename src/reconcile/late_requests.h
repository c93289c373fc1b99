// What is asked of a run that is over: nothing of it can have an effect, and whoever asked is told.
#pragma once

#include <optional>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "reconcile/event_note.h"

namespace atelier::reconcile {

struct LateAnswer {
  api::PipelineRunStatus status;
  std::vector<Note> notes;
};

// REQUIRES that the run is over. Empty where its spec is the one that was last looked at.
std::optional<LateAnswer> answer_late_requests(const api::PipelineRun& run, WallTime now);

}  // namespace atelier::reconcile
