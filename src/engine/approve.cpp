// Tasks of people: what their Approvals come to, and until when they are waited for.
#include <algorithm>

#include "atelier/engine/approval.h"
#include "engine/clocks.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::approve(const Node& node) {
  const api::ApprovalDemand& demand = *node.task->approval;
  TaskEntry& own = entry(node.task->name);
  if (!own.since) own.since = in_.now;
  std::vector<GivenApproval> given = in_.approvals;
  if (demand.timeout) {
    const WallTime over = after(*own.since, *demand.timeout);
    std::erase_if(given, [over](const GivenApproval& one) { return one.created > over; });
  }
  const ApprovalJudgement judgement = judge_approval(
      {node.task->name, demand.count}, {in_.run.name, in_.run_uid, in_.spec.author, in_.created}, given, in_.guard);
  const auto end = [&](TaskState state, const char* reason, const std::string& words) {
    own.state = state;
    own.reason = reason;
    own.message = bounded(words);
    own.finished = in_.now;
    unrecorded_ = true;
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
