#include "atelier/engine/decide.h"

#include <algorithm>
#include <limits>

#include "atelier/base/digest.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

// As a commit writes it: a task that says nothing has no entry, unless it had one.
Ledger written(const State& state) {
  Ledger out = state.ledger();
  std::erase_if(out.tasks, [&](const auto& task) {
    return task.second == TaskEntry{} && !state.committed().tasks.contains(task.first);
  });
  fit(out);
  return out;
}

}  // namespace

Decision decide(const Observed& observed) {
  const std::shared_ptr<const api::RunPlan> plan{std::shared_ptr<void>{}, &observed.plan};  // borrowed
  State state{{observed.run, observed.run_uid, observed.created, observed.started}, plan, observed.params};
  state.see(observed.spec);
  state.see_withheld(observed.withheld);
  for (const std::string& text : observed.texts) state.see_text(text);
  state.see(observed.committed);
  for (const PodObservation& pod : observed.pods) state.see(pod);
  state.see(observed.approvals, observed.guard);
  if (observed.last_commit) state.see_commit(*observed.last_commit);
  for (const std::string& text : observed.stored) state.see_stored(text);
  // What is known of items needs their units, which a first look makes.
  constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max() / 4;
  const auto has_items = [](const api::Task& task) { return task.for_each.has_value(); };
  const api::PipelineSpec& pipeline = observed.plan.pipeline;
  if (std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(), has_items) ||
      std::any_of(pipeline.finally.begin(), pipeline.finally.end(), has_items))
    state.step(observed.now, kAll);
  for (const auto& [attempt, at] : observed.made) state.see_made(attempt, at);
  for (const RejectedCreate& rejected : observed.rejections) state.see(rejected);
  for (const Attempt& attempt : observed.gone) state.see_gone(attempt);
  for (const UnreadResults& unread : observed.unread) state.see(unread);
  if (observed.unstored) state.see(*observed.unstored);
  Execution::Step step = state.step(observed.now, kAll);
  Decision decision;
  decision.actions = std::move(step.actions);
  decision.wake_at = step.wake_at;
  decision.status = state.status();
  decision.why = state.why();
  decision.ledger = written(state);
  return decision;
}

std::string pod_name(const ObjectKey& run, const Uid& run_uid, const Attempt& attempt) {
  const std::string task = name_of_item(attempt.task, attempt.item);
  const std::string readable =
      attempt.item == kNoItem ? attempt.task : attempt.task + "-" + std::to_string(attempt.item);
  return hashed_name(run.name + "-" + readable, run_uid.value + "/" + task + "/" + std::to_string(attempt.number));
}

std::string name_of_item(const std::string& task, std::int64_t item) {
  return item == kNoItem ? task : task + "[" + std::to_string(item) + "]";
}

}  // namespace atelier::engine
