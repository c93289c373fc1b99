#include "cli/unlisted_task.h"

#include "atelier/engine/execution.h"
#include "reconcile/run_observation.h"
#include "reconcile/run_takeover.h"

namespace atelier::cli {

Result<api::TaskStatus> unlisted_task(const api::PipelineRun& run, std::shared_ptr<const api::RunPlan> plan,
                                      const std::string& item, WallTime now) {
  ATELIER_TRY(engine::Ledger ledger, engine::decode(run.status.state));
  const engine::Ledger committed = ledger;
  auto params = reconcile::effective_params(reconcile::given_params(run), plan->pipeline);
  engine::Execution execution({run.metadata.key(), run.metadata.uid,
                               run.metadata.creation_timestamp.value_or(WallTime{}), run.status.start_time},
                              std::move(plan), std::move(params));
  execution.see(run.spec);
  if (!execution.lacks(ledger).empty()) {
    return invalid("the run hands on large results, of which only the operator can tell what they come to");
  }
  execution.see(std::move(ledger));
  // Whether people's approvals count is not known here: what the operator has said of them stays.
  execution.see({}, {engine::ApprovalGuard::State::in_force, "", {}});
  execution.step(now);
  auto row = execution.row(item);
  if (!row) return Error{Errc::not_found, "run \"" + run.metadata.name + "\" has no task \"" + item + "\""};
  const auto said = committed.tasks.find(item);
  if (said != committed.tasks.end() && said->second.reason == "WaitsForApproval") row->message = said->second.message;
  return *std::move(row);
}

}  // namespace atelier::cli
