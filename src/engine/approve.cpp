// Tasks of people: what their Approvals come to, and until when they are waited for.
#include <algorithm>

#include "atelier/engine/approval.h"
#include "engine/clocks.h"
#include "engine/turn.h"

namespace atelier::engine {

// Approvals can be deleted as long as they have not counted. So they count by the commit, not before.
bool Turn::awaits_record(const Node& node) {
  const auto unrecorded = [this](const api::Dependency& need) {
    const auto at = in_.committed.tasks.find(need.task);
    const bool recorded = at != in_.committed.tasks.end() && ended(at->second.state);
    return graph_.find(need.task)->approval && !recorded;
  };
  const auto at = std::find_if(node.needs.begin(), node.needs.end(), unrecorded);
  if (at == node.needs.end()) return false;
  decision_.why[node.task->name] = "follows the commit of " + at->task;
  return true;
}

void Turn::approve(const Node& node) {
  const api::ApprovalDemand& demand = *node.task->approval;
  TaskEntry& own = entry(node.task->name);
  if (!own.since) own.since = in_.now;
  const ApprovalJudgement judgement =
      judge_approval({node.task->name, demand.count}, {in_.run.name, in_.run_uid, in_.spec.author, in_.created},
                     in_.approvals, in_.guard);
  const auto end = [&](TaskState state, const char* reason, const std::string& words) {
    own.state = state;
    own.reason = reason;
    own.message = bounded(words);
    own.finished = in_.now;
    decision_.why.erase(node.task->name);
  };
  switch (judgement.state) {
    case ApprovalState::approved:
      return end(TaskState::succeeded, "Approved", judgement.words);
    case ApprovalState::rejected:
      return end(TaskState::failed, "Rejected", judgement.words);
    case ApprovalState::refused:
      return end(TaskState::failed, "ApprovalRefused", judgement.words);
    case ApprovalState::waiting:
      break;
  }
  if (demand.timeout && after(*own.since, *demand.timeout) <= in_.now) {
    return end(TaskState::failed, "ApprovalTimedOut", "its time is over; " + judgement.words);
  }
  if (demand.timeout) wake(after(*own.since, *demand.timeout));
  own.reason = "WaitsForApproval";
  own.message = bounded(judgement.words);
  decision_.why[node.task->name] = judgement.words;
}

}  // namespace atelier::engine
