// Whether a task that waits for approval may go on: whose word counts, and what it comes to. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "atelier/api/approval.h"
#include "atelier/base/time.h"

namespace atelier::engine {

// Whether the API server holds users of Approvals and authors of runs to who asks, see
// deploy/base/approval-policy.yaml.
struct ApprovalGuard {
  enum class State : std::uint8_t { unknown, absent, in_force };

  State state = State::unknown;
  std::string why;   // it is not in force, with the remedy; empty when it is
  WallTime since{};  // of one in force: what was made before may be forged

  bool operator==(const ApprovalGuard&) const = default;
};

struct GivenApproval {
  std::string name;
  WallTime created{};
  api::ApprovalSpec spec;

  bool operator==(const GivenApproval&) const = default;
};

// The run whose task is to be approved.
struct ApprovedRun {
  std::string name;
  Uid uid;
  std::string author;  // spec.author; empty: nobody knows
  WallTime created{};
};

struct ApprovalTask {
  std::string name;
  std::int64_t count = 1;  // different users who have to approve; less than 1 means 1
};

enum class ApprovalState : std::uint8_t {
  waiting,   // a further Approval, or a guard that becomes known, may change it
  approved,  // enough of them
  rejected,  // one is enough
  refused,   // no Approval of this run can count any more
};

struct ApprovalJudgement {
  ApprovalState state = ApprovalState::waiting;
  std::string words;  // for the task's message, such as `1 of 2 approvals: bob`

  bool operator==(const ApprovalJudgement&) const = default;
};

// In this order:
// - A run without an author is refused: anybody's approval might be its author's own.
// - While nothing is known of the guard, it waits. Without a guard, or with one younger than the run, it is refused.
// - Approvals count that name the run, its uid and the task, that are not older than the guard, and not the author's.
// - One of them that rejects, rejects; the oldest is named.
// - Otherwise users are counted, each once, and `count` of them approve.
// The order of `given` does not matter; instants decide, then names.
ApprovalJudgement judge_approval(const ApprovalTask& task, const ApprovedRun& run,
                                 const std::vector<GivenApproval>& given, const ApprovalGuard& guard);

}  // namespace atelier::engine
