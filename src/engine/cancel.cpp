// A cancelled run makes no more pods and ends those it has. What succeeds meanwhile has succeeded.
#include "engine/turn.h"

namespace atelier::engine {

void Turn::cancel() {
  if (!in_.cancel) return;
  for (const api::Task* task : graph_.order()) {
    TaskEntry& own = entry(task->name);
    if (own.state == TaskState::waiting) {
      own.state = TaskState::cancelled;
      own.reason = "Cancelled";
      own.message.clear();
      own.finished = in_.now;
      own.next_attempt_at.reset();
    } else if (own.state == TaskState::running) {
      const PodObservation* const live = pod(task->name, own.attempt);
      if (live != nullptr && !live->deleting) act(DeletePod{live->name, live->uid, "the run is cancelled"});
    }
  }
}

}  // namespace atelier::engine
