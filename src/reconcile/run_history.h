// Which runs that are over are deleted, by spec.history of their Pipeline: pure.
//
// Guarantees: never a run that is not over, nor one within 90 s of its end, nor one that a run which is not over
// retries or reruns: its parameters and what succeeded in it are still to be read. A run whose Pipeline is gone is
// left alone.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "atelier/api/pipeline_run.h"

namespace atelier::reconcile {

using Runs = std::vector<std::shared_ptr<const api::PipelineRun>>;

struct RunHistoryDecision {
  Runs deleted;                        // those that ended first at the head; at most kMostDeletions
  std::optional<WallTime> look_again;  // when time alone makes another one due
};

inline constexpr std::size_t kMostDeletions = 100;  // at a time

// `runs` are those of one Pipeline, in any order.
RunHistoryDecision decide_history(const api::History& history, const Runs& runs, WallTime now);

}  // namespace atelier::reconcile
