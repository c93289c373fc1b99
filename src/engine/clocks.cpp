// What takes too long: attempts that do not start, and tasks with all their attempts. An attempt that runs too long is
// ended by the kubelet, also while the operator is away.
#include "engine/clocks.h"

#include "engine/turn.h"

namespace atelier::engine {

bool is_too_late(const api::Task& task, const TaskEntry& entry, WallTime now) {
  return task.total_timeout && entry.since && after(*entry.since, *task.total_timeout) <= now;
}

bool never_started(const api::Task& task, const PodObservation& pod, WallTime now) {
  return task.pending_timeout && !pod.started && pod.phase != PodPhase::succeeded &&
         after(pod.created, *task.pending_timeout) <= now;
}

void Turn::watch_clocks() {
  if (stops_.next) wake(*stops_.next);
  for (const Node& node : graph_.order()) {
    const api::Task& task = *node.task;
    const auto known = ledger().tasks.find(task.name);
    if (known == ledger().tasks.end() || ended(known->second.state)) continue;
    TaskEntry& own = known->second;
    if (is_too_late(task, own, in_.now)) {
      if (own.state == TaskState::running) {
        end_pod(node, "its total timeout is over");
        continue;
      }
      own.state = TaskState::failed;
      own.message = bounded("its total timeout is over; before that: " + own.reason);
      own.finished = in_.now;
      own.reason = kTaskTimedOut;
      own.next_attempt_at.reset();
      continue;
    }
    if (task.total_timeout && own.since) wake(after(*own.since, *task.total_timeout));
    const PodObservation* const live = own.state == TaskState::running ? pod(task.name, own.attempt) : nullptr;
    if (live == nullptr || !task.pending_timeout || live->started || live->phase == PodPhase::running) continue;
    if (never_started(task, *live, in_.now)) {
      end_pod(node, "it did not start within its pending timeout");
    } else {
      wake(after(live->created, *task.pending_timeout));
    }
  }
}

}  // namespace atelier::engine
