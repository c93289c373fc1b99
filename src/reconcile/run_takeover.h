// What a run takes over from an earlier one of its Pipeline: pure.
//
// spec.retryOf: the pinned plan, the parameters, and what succeeded, which is written into status.state with the pin,
// so that the engine goes on from there. spec.rerunOf: the parameters only.
// Guarantees: nothing is taken over from a run of another uid or Pipeline, nor what succeeded from one that may go on.
// Of a fan-out that failed, the items that succeeded are. Approvals are not taken over, as people approve a run and not
// the next one, nor is what was in `finally`.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "atelier/api/pipeline_run.h"
#include "atelier/engine/ledger.h"
#include "reconcile/pipeline_policy.h"
#include "reconcile/revision_record.h"

namespace atelier::reconcile {

// The run that retryOf or rerunOf names. Null: none.
const api::RunReference* former_of(const api::PipelineRunSpec& spec);

// What keeps `run` from taking over from `former`, which is null where there is no run of its name. `revision` is the
// one that `former` was pinned to, null where there is none. Empty also when the run takes over nothing.
std::optional<Obstacle> takeover_obstacle(const api::PipelineRun& run, const api::PipelineRun* former,
                                          const RevisionRecord* revision);

// The values that a run was given for the parameters of its Pipeline, with what it took over if it is pinned.
const std::map<std::string, std::string>& given_params(const api::PipelineRun& run);

// Those that `run` is to be pinned with: its own over those of `former`. REQUIRES no obstacle.
std::map<std::string, std::string> taken_over_params(const api::PipelineRun& run, const api::PipelineRun& former);

// The ledger that a retry begins with. `plan` is what both execute, `former` the ledger of the run before.
engine::Ledger taken_over(const engine::Ledger& former, const api::PipelineSpec& plan);

// The counts of a run of `plan` that begins with `taken`: items instead of their task, where they are known.
api::TaskCounts counts_at_start(const api::PipelineSpec& plan, const engine::Ledger& taken);

// The name of the Workspace that the run needs; empty while that is not known. `pipeline` may be null.
std::string workspace_of(const api::PipelineRun& run, const api::PipelineRun* former, const api::Pipeline* pipeline);

}  // namespace atelier::reconcile
