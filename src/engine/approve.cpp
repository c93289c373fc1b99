// Tasks of people: what their Approvals come to, and until when they are waited for.
#include "engine/approve.h"

#include <algorithm>

#include "atelier/engine/approval.h"
#include "engine/clocks.h"
#include "engine/state.h"

namespace atelier::engine {

bool State::is_by_request(const Part& part) const {
  if (part.entry->reason == kSkippedOnRequest) return true;
  const auto before = [this](std::size_t node) { return parts_[node].by_request; };
  const Node& node = *part.node;
  return std::any_of(node.reads.begin(), node.reads.end(), before) ||
         std::any_of(node.needs.begin(), node.needs.end(), [&](const Node::Need& need) { return before(need.node); });
}

// Who may write the run must not make people unasked by skipping what the question depends on, nor what that follows.
bool State::reads_what_was_skipped(const Part& part) const {
  return std::any_of(part.node->reads.begin(), part.node->reads.end(),
                     [this](std::size_t node) { return parts_[node].by_request; });
}

void State::approve(Part& part, Unit& unit, Entry& next) {
  const api::ApprovalDemand& demand = *part.task().approval;
  if (!next.since) next.since = unit.entry->since.value_or(now_);
  std::vector<GivenApproval> given = approvals_;
  if (demand.timeout) {
    const WallTime over = after(*next.since, *demand.timeout);
    std::erase_if(given, [over](const GivenApproval& one) { return one.created > over; });
  }
  const ApprovalJudgement judgement = judge_approval(
      {part.task().name, demand.count}, {run_.run.name, run_.uid, spec_.author, run_.created}, given, guard_);
  const auto end = [&](TaskState state, const char* reason, const std::string& words) {
    next.state = state;
    next.reason = reason;
    next.message = bounded(words);
    next.finished = now_;
  };
  switch (judgement.state) {
    case ApprovalState::approved:
      return end(TaskState::succeeded, kApproved, judgement.words);
    case ApprovalState::rejected:
      return end(TaskState::failed, kRejected, judgement.words);
    case ApprovalState::refused:
      return end(TaskState::failed, kApprovalRefused, judgement.words);
    case ApprovalState::waiting:
      break;
  }
  if (demand.timeout && after(*next.since, *demand.timeout) <= now_) {
    return end(TaskState::failed, kApprovalTimedOut, "its time is over; " + judgement.words);
  }
  if (demand.timeout) wake(unit, after(*next.since, *demand.timeout));
  next.reason = "WaitsForApproval";
  next.message = bounded(judgement.words);
  unit.hold = Hold::approval;
}

}  // namespace atelier::engine
