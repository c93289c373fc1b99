// A run whose tasks have all ended goes on with `finally`, and has ended when that has.
#include <algorithm>

#include "engine/clocks.h"
#include "engine/state.h"

namespace atelier::engine {

bool State::have_ended(bool last) const {
  return last ? ended_finally_.ended == parts_.size() - tasks_ : ended_tasks_.ended == tasks_;
}

// Out of time is a failure, too; but what was cancelled before stays so.
RunPhase State::phase_of_tasks() const {
  if (ended_tasks_.cancelled > 0) return RunPhase::cancelled;
  return ended_tasks_.failed + ended_tasks_.timed_out > 0 ? RunPhase::failed : RunPhase::succeeded;
}

// Of a run that goes on, or is to end.
void State::say_how_it_goes() {
  ledger_.reason.clear();
  if (was_stopped()) {
    std::string text = stops_.tasks.starts_nothing ? stops_.tasks.why : kTimeIsOver;
    if (spec_.cancel && !spec_.cancel->reason.empty() && text != kTimeIsOver) text += ": " + spec_.cancel->reason;
    const char* const now = have_ended(false)        ? "; finally runs"
                            : stops_.tasks.ends_pods ? "; what runs is being ended"
                                                     : "; what runs may finish";
    ledger_.reason = kStopping;
    ledger_.message = bounded(text + now);
  } else if (spec_.suspend) {
    ledger_.reason = "Suspended";
  }
  if (withheld_.empty()) return;
  ledger_.reason = "NotAdmitted";
  ledger_.message = bounded(withheld_);
}

void State::conclude() {
  const std::optional<WallTime> began = ledger_.finally_since;
  const std::optional<WallTime> completed = ledger_.completed;
  ledger_.phase = committed_.phase;
  ledger_.reason = committed_.reason;
  ledger_.message = committed_.message;
  ledger_.refused = committed_.refused;
  ledger_.completed = committed_.completed;
  ledger_.finally_since = committed_.finally_since;
  if (over()) return;
  ledger_.message.clear();
  if (!graph_.problem().empty()) {
    ledger_.phase = RunPhase::failed;
    ledger_.reason = "InvalidPipeline";
    ledger_.message = bounded(graph_.problem());
    ledger_.completed = now_;
    return;
  }
  ledger_.refused = refusals();
  if (parts_.size() > tasks_ && have_ended(false) && !ledger_.finally_since) {
    ledger_.finally_since = began.value_or(now_);
    const auto& limit = plan_->pipeline.finally_timeout;
    if (limit) wake(after(*ledger_.finally_since, std::max(*limit, Millis{1})));
  }
  if (!have_ended(false) || !have_ended(true)) {
    if (begun_ > 0) ledger_.phase = RunPhase::running;
    say_how_it_goes();
    return;
  }
  RunPhase phase = phase_of_tasks();
  if (phase == RunPhase::succeeded && ended_finally_.failed > 0) phase = RunPhase::failed;
  if (phase == RunPhase::succeeded && ended_finally_.cancelled > 0) phase = RunPhase::cancelled;
  ledger_.phase = phase;
  ledger_.reason = phase == RunPhase::failed && ended_tasks_.timed_out > 0 ? kTimedOut : to_string(phase);
  if (phase == RunPhase::cancelled && spec_.cancel) ledger_.message = bounded(spec_.cancel->reason);
  if (ledger_.reason == kTimedOut) ledger_.message = "the run's timeout was over";
  ledger_.completed = completed.value_or(now_);
}

}  // namespace atelier::engine
