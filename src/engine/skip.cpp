// What was asked not to run does not, and what can never run is skipped.
#include <algorithm>

#include "engine/needs.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::skip() {
  skip_on_request();
  for (const Node& node : graph_.order()) {
    const Needs needs = needs_of(node, ledger());
    if (!needs.never()) continue;
    TaskEntry& own = entry(node.task->name);
    if (own.state != TaskState::waiting) continue;
    own.state = TaskState::skipped;
    own.reason = needs.reason();
    decision_.why.erase(node.task->name);
    own.finished = in_.now;
  }
}

// Refuses what cannot be skipped, as long as it is asked for. The others are skipped when their turn comes, so that
// what follows them does not start before what they wait for; one whose turn has come is not tried again.
void Turn::skip_on_request() {
  std::string refused;
  for (const std::string& name : in_.spec.skip) {
    const auto refuse = [&](const std::string& why) {
      refused += (refused.empty() ? "" : "; ") + std::string("\"") + name + "\" cannot be skipped: " + why;
    };
    const api::Task* task = graph_.find(name);
    const TaskEntry& own = entry_of(ledger(), name);
    if (task == nullptr) {
      refuse("there is no such task");
    } else if (own.state == TaskState::running) {
      refuse("it is running; cancel the run instead");
    } else if (ended(own.state) && own.state != TaskState::skipped) {
      refuse("it has ended");
    } else if (!ended(own.state) && task->approval) {
      refuse("people have to approve it");  // whoever may write the run must not stand in for them
    } else if (!ended(own.state) && own.attempt > 0) {
      end_as_asked(entry(name));
    }
  }
  ledger().refused = bounded(refused);
}

bool Turn::is_to_be_skipped(const std::string& task) const {
  return std::find(in_.spec.skip.begin(), in_.spec.skip.end(), task) != in_.spec.skip.end();
}

void Turn::end_as_asked(TaskEntry& own) {
  own.state = TaskState::skipped;
  own.reason = kSkippedOnRequest;
  own.message.clear();
  own.finished = in_.now;
  own.next_attempt_at.reset();
  unrecorded_ = true;
}

}  // namespace atelier::engine
