// What can never run is skipped, and a run whose tasks have all ended has ended.
#include <algorithm>

#include "engine/outcome.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::skip() {
  for (const api::Task* task : graph_.order()) {
    const auto hopeless = [this](const std::string& before) {
      const auto at = ledger().tasks.find(before);
      return at != ledger().tasks.end() && ended(at->second.state) && at->second.state != TaskState::succeeded;
    };
    if (std::none_of(task->depends_on.begin(), task->depends_on.end(), hopeless)) continue;
    TaskEntry& own = entry(task->name);
    if (own.state != TaskState::waiting) continue;
    own.state = TaskState::skipped;
    own.reason = "PredecessorFailed";
    decision_.why.erase(task->name);
    own.finished = in_.now;
  }
}

void Turn::conclude() {
  bool failed = false;
  bool cancelled = false;
  for (const api::Task* task : graph_.order()) {
    const auto at = ledger().tasks.find(task->name);
    if (at == ledger().tasks.end() || !ended(at->second.state)) {
      if (!ledger().tasks.empty()) ledger().phase = RunPhase::running;
      return;
    }
    failed = failed || at->second.state == TaskState::failed;
    cancelled = cancelled || at->second.state == TaskState::cancelled;
  }
  ledger().phase = cancelled ? RunPhase::cancelled : failed ? RunPhase::failed : RunPhase::succeeded;
  ledger().reason = to_string(ledger().phase);
  if (cancelled) ledger().message = bounded(in_.cancel_reason);
  ledger().completed = in_.now;
}

void Turn::end_as_invalid() {
  ledger().phase = RunPhase::failed;
  ledger().reason = "InvalidPipeline";
  ledger().message = bounded(graph_.problem());
  ledger().completed = in_.now;
}

}  // namespace atelier::engine
