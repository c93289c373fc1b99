// What the pods say becomes what the ledger says.
#include <algorithm>

#include "engine/clocks.h"
#include "engine/results.h"
#include "engine/retry.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::settle() {
  for (const Node& node : graph_.order()) settle(node);
}

// Attempts in their order, as far as they have ended: a pod may have ended, and the next been made, unseen.
void Turn::settle(const Node& node) {
  const std::string& task = node.task->name;
  if (node.task->approval) return;  // whatever pod bears its name
  for (;;) {
    const auto known = ledger().tasks.find(task);
    const bool started = known != ledger().tasks.end();
    if (started && ended(known->second.state)) return;
    const bool running = started && known->second.state == TaskState::running;
    const std::int64_t attempt = started ? known->second.attempt + (running ? 0 : 1) : 1;
    const PodObservation* const seen = pod(task, attempt);
    if (seen == nullptr && !in_.gone.contains(name_of(task, attempt))) {
      if (running) act(ConfirmGone{name_of(task, attempt)});
      return;
    }
    TaskEntry& own = entry(task);
    if (node.task->total_timeout && !own.since)
      own.since = seen == nullptr ? in_.now : std::min(seen->created, in_.now);
    if (seen != nullptr && !has_ended(*seen)) {
      see_alive(own, *seen, attempt);
      return;
    }
    see_end(node, own, seen, attempt);
  }
}

void Turn::see_alive(TaskEntry& entry, const PodObservation& pod, std::int64_t attempt) {
  entry.state = TaskState::running;
  entry.attempt = attempt;
  if (!pod.deleting) {  // the kubelet forgets what a pod that it ends was waiting for
    entry.reason = bounded(pod.waiting_reason);
    entry.message = bounded(pod.waiting_message);
  }
  entry.started = pod.started;
  entry.finished.reset();
  entry.next_attempt_at.reset();
}

// A null pod is one that is gone without a trace.
void Turn::see_end(const Node& node, TaskEntry& entry, const PodObservation* pod, std::int64_t attempt) {
  const Outcome end = outcome(*node.task, entry, pod);
  if (entry.attempt != attempt) entry.started.reset();
  entry.attempt = attempt;
  entry.reason = end.succeeded ? "" : bounded(end.reason);
  entry.message = end.succeeded ? "" : bounded(end.message);
  if (pod != nullptr && pod->started) entry.started = pod->started;
  entry.finished = pod != nullptr && pod->finished ? *pod->finished : in_.now;
  entry.next_attempt_at.reset();
  if (end.succeeded) {
    entry.state = TaskState::succeeded;
  } else {
    fail(node, entry, end.by_cluster, pod == nullptr ? std::nullopt : pod->exit_code);
  }
}

// As the pod tells it; and a task that did not write its results has not succeeded.
Outcome Turn::outcome(const api::Task& task, TaskEntry& entry, const PodObservation* pod) {
  if (pod == nullptr) return lost();
  Outcome end = outcome_of(*pod);
  if (!end.succeeded) {
    const bool given_up = pod->deleting && pod->reason != "DeadlineExceeded" && never_started(task, *pod, in_.now);
    return given_up ? not_started(*pod, entry) : end;
  }
  auto results = read_results(task, pod->termination_message, graph_.consumed(task.name), ledger());
  if (!results.problem.empty()) return {.reason = results.problem, .message = results.message};
  entry.results = std::move(results.kept);
  return end;
}

// Of an attempt: another follows, if there are any left.
void Turn::fail(const Node& node, TaskEntry& entry, bool by_cluster, std::optional<std::int64_t> exit_code) {
  if (by_cluster) ++entry.restarts;
  const api::Retry& retry = node.task->retry;
  const Stop& stop = stop_of(node);
  if (stop.ends_pods) {
    entry.state = stop.as;
    entry.reason = stop.reason;
  } else if (is_too_late(*node.task, entry, in_.now)) {
    entry.state = TaskState::failed;
    entry.message = bounded("its total timeout is over; before that: " + entry.reason);
    entry.reason = kTaskTimedOut;
  } else if (stop.starts_nothing || !another_follows(retry, entry, by_cluster) ||
             (!by_cluster && !wants_another(node, entry, exit_code))) {
    entry.state = TaskState::failed;
  } else {
    entry.state = TaskState::waiting;
    // A node's clock may be ahead of this one's.
    entry.next_attempt_at = std::min(*entry.finished, in_.now) +
                            delay_after(retry.backoff, entry.attempt, name_of(node.task->name, entry.attempt));
  }
}

}  // namespace atelier::engine
