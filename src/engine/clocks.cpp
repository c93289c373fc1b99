// What takes too long: attempts that do not start, and tasks with all their attempts. An attempt that runs too long is
// ended by the kubelet, also while the operator is away.
#include "engine/clocks.h"

#include "engine/state.h"

namespace atelier::engine {

bool is_too_late(const api::Task& task, const Entry& entry, WallTime now) {
  return task.total_timeout && entry.since && after(*entry.since, *task.total_timeout) <= now;
}

bool never_started(const api::Task& task, const PodObservation& pod, WallTime now) {
  return task.pending_timeout && !pod.started && pod.phase != PodPhase::succeeded &&
         after(pod.created, *task.pending_timeout) <= now;
}

void State::watch_clocks(Part& part, Unit& unit, Entry& next) {
  const api::Task& task = part.task();
  if (next == kNoEntry || ended(next.state)) return;
  if (is_too_late(task, next, now_)) {
    if (next.state == TaskState::running) return end_pod(unit, next, "its total timeout is over");
    next.state = TaskState::failed;
    next.message = bounded("its total timeout is over; before that: " + next.reason);
    next.finished = now_;
    next.reason = kTaskTimedOut;
    next.next_attempt_at.reset();
    return;
  }
  if (task.total_timeout && next.since) wake(unit, after(*next.since, *task.total_timeout));
  const PodObservation* const live = next.state == TaskState::running ? unit.pod(next.attempt) : nullptr;
  if (live == nullptr || !task.pending_timeout || live->started || live->phase == PodPhase::running) return;
  if (has_ended(*live)) return;  // what it handed on is read, or it bears the name of what has no pod
  if (never_started(task, *live, now_)) {
    end_pod(unit, next, "it did not start within its pending timeout");
  } else {
    wake(unit, after(live->created, *task.pending_timeout));
  }
}

}  // namespace atelier::engine
