#include "reconcile/run_history.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "reconcile/run_start.h"
#include "reconcile/run_takeover.h"

namespace atelier::reconcile {
namespace {

bool succeeded(const api::PipelineRun& run) { return run.status.phase == "Succeeded"; }

// Those that are over, first the one that ended last.
Runs latest_first(const Runs& runs) {
  Runs out;
  for (const auto& run : runs) {
    if (is_over(run->status) && run->status.completion_time && !run->metadata.deleting()) out.push_back(run);
  }
  const auto rank = [](const auto& run) { return std::tie(*run->status.completion_time, run->metadata.name); };
  std::sort(out.begin(), out.end(), [&rank](const auto& a, const auto& b) { return rank(a) > rank(b); });
  return out;
}

std::set<Uid> needed(const Runs& runs) {
  std::set<Uid> out;
  for (const auto& run : runs) {
    const api::RunReference* former = former_of(run->spec);
    if (former != nullptr && !is_over(run->status)) out.insert(former->uid);
  }
  return out;
}

}  // namespace

RunHistoryDecision decide_history(const api::History& history, const Runs& runs, WallTime now) {
  RunHistoryDecision out;
  if (history.keeps_all_runs()) return out;
  const std::set<Uid> kept = needed(runs);
  std::int64_t seen_succeeded = 0;
  std::int64_t seen_failed = 0;
  for (const auto& run : latest_first(runs)) {
    const auto& limit = succeeded(*run) ? history.succeeded_runs : history.failed_runs;
    const bool beyond = limit && ++(succeeded(*run) ? seen_succeeded : seen_failed) > *limit;
    if ((!beyond && !history.max_age) || kept.contains(run->metadata.uid)) continue;
    const Millis shortest = api::History::kShortestAge;
    const WallTime due = *run->status.completion_time + (beyond ? shortest : std::max(*history.max_age, shortest));
    if (due <= now) {
      out.deleted.push_back(run);
    } else {
      out.look_again = std::min(out.look_again.value_or(due), due);
    }
  }
  std::reverse(out.deleted.begin(), out.deleted.end());
  if (out.deleted.size() > kMostDeletions) out.deleted.resize(kMostDeletions);
  return out;
}

}  // namespace atelier::reconcile
