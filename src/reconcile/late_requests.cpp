#include "reconcile/late_requests.h"

#include <algorithm>

#include "atelier/engine/decide.h"
#include "reconcile/status_conditions.h"

namespace atelier::reconcile {
namespace {

constexpr const char* kRunIsOver = "RunIsOver";

// Of a task beyond those that status lists nothing is known.
bool came_too_late(const std::string& skip, const api::PipelineRunStatus& status) {
  const auto same = [&skip](const api::TaskStatus& task) { return task.name == skip; };
  const auto task = std::find_if(status.tasks.begin(), status.tasks.end(), same);
  return task != status.tasks.end() && task->reason != "SkippedOnRequest";
}

std::string asked_in_vain(const api::PipelineRun& run) {
  std::string asked;
  const auto add = [&asked](const char* field) { asked += (asked.empty() ? "" : ", ") + std::string(field); };
  if (run.spec.cancel && run.status.phase != "Cancelled") add("spec.cancel");
  if (run.spec.suspend) add("spec.suspend");
  const auto& skip = run.spec.skip;
  if (std::any_of(skip.begin(), skip.end(), [&](const auto& one) { return came_too_late(one, run.status); })) {
    add("spec.skip");
  }
  return asked;
}

}  // namespace

std::optional<LateAnswer> answer_late_requests(const api::PipelineRun& run, WallTime now) {
  const std::int64_t looked_at = run.status.observed_generation;
  if (looked_at == 0 || run.metadata.generation <= looked_at) return std::nullopt;
  LateAnswer out{run.status, {}};
  out.status.observed_generation = run.metadata.generation;
  StatusConditions conditions{run.status.conditions, out.status.conditions, run.metadata.generation, now};
  const std::string asked = asked_in_vain(run);
  if (asked.empty()) {
    conditions.remove(engine::kRequestRefused);
    return out;
  }
  const std::string message = "the run is over (" + run.status.phase + "), so that " + asked +
                              " has no effect; make a new run, with spec.retryOf or spec.rerunOf";
  if (conditions.is_news(engine::kRequestRefused, meta::ConditionStatus::true_, kRunIsOver)) {
    out.notes.push_back({true, kRunIsOver, message});
  }
  conditions.set(engine::kRequestRefused, meta::ConditionStatus::true_, kRunIsOver, message);
  return out;
}

}  // namespace atelier::reconcile
