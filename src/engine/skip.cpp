// What was asked not to run does not, and what can never run is skipped.
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

// A task that has started cannot be skipped; that is said on the run as long as it is asked for.
void Turn::skip_on_request() {
  std::string refused;
  for (const std::string& name : in_.spec.skip) {
    const auto refuse = [&](const std::string& why) {
      refused += (refused.empty() ? "" : "; ") + std::string("\"") + name + "\" cannot be skipped: " + why;
    };
    if (!graph_.has(name)) {
      refuse("there is no such task");
      continue;
    }
    TaskEntry& own = entry(name);
    if (own.state == TaskState::waiting && graph_.find(name)->approval) {
      refuse("people have to approve it");  // whoever may write the run must not stand in for them
    } else if (own.state == TaskState::waiting) {
      own.state = TaskState::skipped;
      own.reason = kSkippedOnRequest;
      own.message.clear();
      own.finished = in_.now;
      own.next_attempt_at.reset();
    } else if (own.state == TaskState::running) {
      refuse("it is running; cancel the run instead");
    } else if (own.state != TaskState::skipped) {
      refuse("it has ended");
    }
  }
  ledger().refused = bounded(refused);
}

}  // namespace atelier::engine
