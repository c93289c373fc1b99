// What the pods say becomes what the ledger says.
#include <algorithm>

#include "engine/outcome.h"
#include "engine/results.h"
#include "engine/retry.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::settle() {
  for (const api::Task* task : graph_.order()) settle(*task);
}

// Attempts in their order, as far as they have ended: a pod may have ended, and the next been made, unseen.
void Turn::settle(const api::Task& task) {
  for (;;) {
    const auto known = ledger().tasks.find(task.name);
    const bool started = known != ledger().tasks.end();
    if (started && ended(known->second.state)) return;
    const bool running = started && known->second.state == TaskState::running;
    const std::int64_t attempt = started ? known->second.attempt + (running ? 0 : 1) : 1;
    const PodObservation* const seen = pod(task.name, attempt);
    if (seen == nullptr && !in_.gone.contains(name_of(task.name, attempt))) {
      if (running) act(ConfirmGone{name_of(task.name, attempt)});
      return;
    }
    TaskEntry& own = entry(task.name);
    if (seen != nullptr && !has_ended(*seen)) {
      see_alive(own, *seen, attempt);
      return;
    }
    see_end(task, own, seen, attempt);
  }
}

void Turn::see_alive(TaskEntry& entry, const PodObservation& pod, std::int64_t attempt) {
  entry.state = TaskState::running;
  entry.attempt = attempt;
  entry.reason = bounded(pod.waiting_reason);
  entry.message = bounded(pod.waiting_message);
  entry.started = pod.started;
  entry.finished.reset();
  entry.next_attempt_at.reset();
}

// A null pod is one that is gone without a trace.
void Turn::see_end(const api::Task& task, TaskEntry& entry, const PodObservation* pod, std::int64_t attempt) {
  Outcome outcome = pod == nullptr ? lost() : outcome_of(*pod);
  if (pod != nullptr && outcome.succeeded) {
    auto results = read_results(task, pod->termination_message, graph_.consumed(task.name), ledger());
    if (results.problem.empty()) {
      entry.results = std::move(results.kept);
    } else {
      outcome = {false, results.problem, bounded(results.message)};
    }
  }
  if (entry.attempt != attempt) entry.started.reset();
  entry.attempt = attempt;
  entry.reason = outcome.succeeded ? "" : bounded(outcome.reason);
  entry.message = outcome.succeeded ? "" : outcome.message;
  if (pod != nullptr && pod->started) entry.started = pod->started;
  entry.finished = pod != nullptr && pod->finished ? *pod->finished : in_.now;
  entry.next_attempt_at.reset();
  if (outcome.succeeded) {
    entry.state = TaskState::succeeded;
  } else {
    fail(task, entry);
  }
}

// Of an attempt: another follows, if there are any left.
void Turn::fail(const api::Task& task, TaskEntry& entry) {
  if (in_.cancel) {
    entry.state = TaskState::cancelled;
    entry.reason = "Cancelled";
  } else if (entry.attempt > task.retry.limit) {
    entry.state = TaskState::failed;
  } else {
    entry.state = TaskState::waiting;
    // A node's clock may be ahead of this one's.
    entry.next_attempt_at = std::min(*entry.finished, in_.now) + delay_after(task.retry.backoff, entry.attempt);
  }
}

}  // namespace atelier::engine
