#include "atelier/engine/approval.h"

#include <algorithm>
#include <tuple>

namespace atelier::engine {
namespace {

constexpr std::size_t kMostNames = 3;

std::string listed(const std::vector<std::string>& users) {
  std::string text;
  for (std::size_t i = 0; i < users.size() && i < kMostNames; ++i) text += (i == 0 ? "" : ", ") + users[i];
  return users.size() > kMostNames ? text + " and " + std::to_string(users.size() - kMostNames) + " more" : text;
}

// The Approvals that count, oldest first, and why others do not.
struct Counted {
  std::vector<const GivenApproval*> approvals;
  std::string aside;
};

Counted count(const ApprovalTask& task, const ApprovedRun& run, const std::vector<GivenApproval>& given,
              const ApprovalGuard& guard) {
  Counted out;
  bool by_author = false;
  std::size_t early = 0;
  for (const GivenApproval& one : given) {
    if (one.spec.run != api::RunReference{run.name, run.uid} || one.spec.task != task.name) continue;
    if (one.created < guard.since) {
      ++early;
    } else if (one.spec.user == run.author) {
      by_author = true;
    } else {
      out.approvals.push_back(&one);
    }
  }
  std::sort(out.approvals.begin(), out.approvals.end(), [](const GivenApproval* one, const GivenApproval* other) {
    return std::tie(one->created, one->name) < std::tie(other->created, other->name);
  });
  if (by_author) out.aside += "; " + run.author + " started the run, so their own word does not count";
  if (early > 0) out.aside += "; " + std::to_string(early) + " from before the admission policy cannot count";
  return out;
}

ApprovalJudgement refused(std::string words) { return {ApprovalState::refused, std::move(words)}; }

}  // namespace

ApprovalJudgement judge_approval(const ApprovalTask& task, const ApprovedRun& run,
                                 const std::vector<GivenApproval>& given, const ApprovalGuard& guard) {
  if (run.author.empty()) {
    return refused("nobody can approve a run whose author is not known; make another with your name in spec.author");
  }
  if (guard.state == ApprovalGuard::State::unknown) return {ApprovalState::waiting, guard.why};
  if (guard.state == ApprovalGuard::State::absent) return refused("approvals are refused: " + guard.why);
  if (run.created < guard.since) {
    return refused("the run was made before " + format_time(guard.since) +
                   ", when the admission policy took effect, so its author may be forged; make another run");
  }

  const Counted counted = count(task, run, given, guard);
  std::vector<std::string> users;
  for (const GivenApproval* one : counted.approvals) {
    if (one->spec.rejects()) {
      return {ApprovalState::rejected,
              "rejected by " + one->spec.user + (one->spec.comment.empty() ? "" : ": " + one->spec.comment)};
    }
    if (std::find(users.begin(), users.end(), one->spec.user) == users.end()) users.push_back(one->spec.user);
  }
  const auto needed = static_cast<std::size_t>(std::max<std::int64_t>(task.count, 1));
  if (users.size() >= needed) return {ApprovalState::approved, "approved by " + listed(users)};
  return {ApprovalState::waiting, std::to_string(users.size()) + " of " + std::to_string(needed) + " approvals" +
                                      (users.empty() ? "" : ": " + listed(users)) + counted.aside};
}

}  // namespace atelier::engine
