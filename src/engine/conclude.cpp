// A run whose tasks have all ended goes on with `finally`, and has ended when that has.
#include <algorithm>

#include "engine/clocks.h"
#include "engine/turn.h"

namespace atelier::engine {

bool Turn::have_ended(bool last) const {
  return std::all_of(graph_.order().begin(), graph_.order().end(), [&](const Node& node) {
    const auto at = ledger().tasks.find(node.task->name);
    return node.last != last || (at != ledger().tasks.end() && ended(at->second.state));
  });
}

RunPhase Turn::phase_of_tasks() const {
  bool failed = false;
  bool cancelled = false;
  for (const Node& node : graph_.order()) {
    const auto at = ledger().tasks.find(node.task->name);
    if (node.last || at == ledger().tasks.end()) continue;
    const TaskEntry& own = at->second;
    failed = failed || (own.state == TaskState::failed && node.task->on_failure != api::Task::kContinue);
    // Out of time is a failure, too; but what was cancelled before stays so.
    cancelled = cancelled || (own.state == TaskState::cancelled && own.reason == kCancelled);
    failed = failed || (own.state == TaskState::cancelled && own.reason == kTimedOut);
  }
  return cancelled ? RunPhase::cancelled : failed ? RunPhase::failed : RunPhase::succeeded;
}

void Turn::begin_finally() {
  if (in_.plan.pipeline.finally.empty()) return;
  const bool begins = have_ended(false);
  if (begins && !ledger().finally_since) {
    ledger().finally_since = in_.now;
    const auto& limit = in_.plan.pipeline.finally_timeout;
    if (limit) wake(after(in_.now, std::max(*limit, Millis{1})));
  }
  for (const Node& node : graph_.order()) {
    if (!node.last) continue;
    if (begins) {
      claim(node);
    } else {
      decision_.why[node.task->name] = "waits for all tasks to end";
    }
  }
}

void Turn::conclude() {
  if (!have_ended(false) || !have_ended(true)) {
    if (!ledger().tasks.empty()) ledger().phase = RunPhase::running;
    const bool suspended = in_.spec.suspend && !stops_.tasks.starts_nothing;
    ledger().reason = suspended ? "Suspended" : "";
    return;
  }
  RunPhase phase = phase_of_tasks();
  bool timed_out = false;
  for (const Node& node : graph_.order()) {
    const TaskEntry& own = entry(node.task->name);
    timed_out = timed_out || own.reason == kTimedOut;
    if (!node.last || phase != RunPhase::succeeded) continue;
    if (own.state == TaskState::cancelled) phase = RunPhase::cancelled;
    if (own.state == TaskState::failed && node.task->on_failure != api::Task::kContinue) phase = RunPhase::failed;
  }
  ledger().phase = phase;
  ledger().reason = phase == RunPhase::failed && timed_out ? kTimedOut : to_string(phase);
  if (phase == RunPhase::cancelled && in_.spec.cancel) ledger().message = bounded(in_.spec.cancel->reason);
  if (ledger().reason == kTimedOut) ledger().message = "the run's timeout was over";
  ledger().completed = in_.now;
}

void Turn::end_as_invalid() {
  ledger().phase = RunPhase::failed;
  ledger().reason = "InvalidPipeline";
  ledger().message = bounded(graph_.problem());
  ledger().completed = in_.now;
}

}  // namespace atelier::engine
