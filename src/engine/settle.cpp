// What the pods say becomes what the ledger says.
#include <algorithm>

#include "engine/clocks.h"
#include "engine/results.h"
#include "engine/retry.h"
#include "engine/state.h"

namespace atelier::engine {

// Attempts in their order, as far as they have ended: a pod may have ended, and the next been made, unseen.
void State::settle(Part& part, Unit& unit, Entry& next) {
  if (part.task().approval) return;  // whatever pod bears its name
  while (!ended(next.state)) {
    const bool running = next.state == TaskState::running;
    const std::int64_t attempt = running ? next.attempt : next.attempt + 1;
    const PodObservation* const seen = unit.pod(attempt);
    if (seen == nullptr && !unit.is_gone(attempt)) {
      if (running) look_for(part, unit, attempt);
      return;
    }
    if (part.task().total_timeout && !next.since) {
      next.since = seen == nullptr ? now_ : std::min(seen->created, now_);
    }
    if (seen != nullptr && !has_ended(*seen)) return see_alive(next, *seen, attempt);
    if (seen != nullptr && awaits_results(part, unit, next, *seen)) return;
    if (seen != nullptr && awaits_page(part, unit, next, *seen)) return;
    see_end(part, unit, next, seen, attempt);
  }
}

// What was accepted once stays so, whatever others have handed on since.
bool State::was_accepted(const Unit& unit, const PodObservation& pod) {
  return unit.entry->state == TaskState::succeeded && unit.entry->attempt == pod.attempt;
}

// Where a live GET has shown the pod a while ago, the cache is waited for.
void State::look_for(const Part& part, Unit& unit, std::int64_t attempt) {
  constexpr Millis kShown{5'000};
  if (unit.rare != nullptr) {
    const auto made = unit.rare->made.find(attempt);
    if (made != unit.rare->made.end() && std::min(made->second, now_) + kShown > now_) {
      return wake(unit, std::min(made->second, now_) + kShown);
    }
  }
  unit.wanted.push_back(ConfirmGone{name_of(part, unit, attempt), {part.task().name, unit.item, attempt}});
}

void State::see_alive(Entry& entry, const PodObservation& pod, std::int64_t attempt) {
  entry.state = TaskState::running;
  entry.attempt = attempt;
  if (!pod.deleting) {  // the kubelet forgets what a pod that it ends was waiting for
    entry.reason = bounded(pod.waiting_reason);
    entry.message = bounded(pod.waiting_message);
  } else if (!pod.disruption_reason.empty()) {
    entry.reason = bounded(pod.disruption_reason);
    entry.message = bounded(ended_by_cluster(pod));
  }
  entry.started = pod.started;
  entry.finished.reset();
  entry.next_attempt_at.reset();
}

// While a node does not answer, its pods stay, and nobody knows whether they run.
std::string State::ended_by_cluster(const PodObservation& pod) {
  if (pod.disruption_reason != "DeletionByTaintManager") return pod.disruption_message;
  return pod.disruption_message + "; its node does not answer; if that is gone for good: kubectl delete pod " +
         pod.name + " --force --grace-period=0";
}

// A null pod is one that is gone without a trace.
void State::see_end(const Part& part, const Unit& unit, Entry& entry, const PodObservation* pod, std::int64_t attempt) {
  const Outcome end = outcome(part, unit, entry, pod);
  if (entry.attempt != attempt) entry.started.reset();
  entry.attempt = attempt;
  entry.reason = end.succeeded ? "" : bounded(end.reason);
  entry.message = end.succeeded ? "" : bounded(end.message);
  if (pod != nullptr && pod->started) entry.started = pod->started;
  entry.finished = pod != nullptr && pod->finished ? *pod->finished : now_;
  entry.next_attempt_at.reset();
  if (end.succeeded) {
    entry.state = TaskState::succeeded;
  } else {
    fail(part, unit, entry, end, pod == nullptr ? std::nullopt : pod->exit_code);
  }
}

// As the pod tells it; and a task that did not write its results has not succeeded.
Outcome State::outcome(const Part& part, const Unit& unit, Entry& entry, const PodObservation* pod) {
  if (pod == nullptr) return lost();
  Outcome end = outcome_of(*pod);
  if (!end.succeeded) {
    const WallTime at = std::min(pod->finished.value_or(now_), now_);
    const bool given_up = pod->deleting && pod->reason != "DeadlineExceeded" && never_started(part.task(), *pod, at);
    return given_up ? not_started(*pod, entry) : end;
  }
  const bool accepted = was_accepted(unit, *pod);
  if (has_large_results(part.task())) return outcome_of_large(part, unit, entry, *pod, accepted);
  const bool of_item = unit.item != kNoItem;
  auto results =
      read_results(part.task(), pod->termination_message, part.node->consumed, accepted || of_item ? 0 : kept_);
  if (!results.problem.empty()) return {.reason = results.problem, .message = results.message};
  if (of_item && !accepted && room_.fit(bytes_of(results.kept, true)) == ItemRoom::Fit::none &&
      page_of(part, unit, results.kept) == nullptr) {
    return {.reason = kResultsTooLarge,
            .message =
                "the results that this run's fan-outs hand on exceed 1 MiB together; pass references to stored "
                "data instead"};
  }
  entry.results = std::move(results.kept);
  return end;
}

// Of an attempt: another follows, if there are any left.
void State::fail(const Part& part, const Unit& unit, Entry& entry, const Outcome& end,
                 std::optional<std::int64_t> exit_code) {
  const api::Retry& retry = part.task().retry;
  const Stop& stop = stop_of(part);
  const bool stopped = stop.ends_pods || (end.by_cluster && ends_its_pod(stop, entry));
  if (end.by_cluster && !stopped) ++entry.restarts;
  if (end.reason == kOutOfMemory) ++entry.out_of_memory;
  if (stopped) {
    entry.state = stop.as;
    entry.reason = stop.reason;
    if (end.by_cluster) entry.message = stop.why;
  } else if (is_too_late(part.task(), entry, std::min(*entry.finished, now_))) {
    entry.state = TaskState::failed;
    entry.message = bounded("its total timeout is over; before that: " + entry.reason);
    entry.reason = kTaskTimedOut;
  } else if (stop.starts_nothing || end.reason == kResultsTooLarge || !another_follows(retry, entry, end.by_cluster) ||
             (!end.by_cluster && !wants_another(*part.node, entry, exit_code))) {
    entry.state = TaskState::failed;
  } else {
    entry.state = TaskState::waiting;
    // A node's clock may be ahead of this one's.
    entry.next_attempt_at =
        std::min(*entry.finished, now_) + delay_after(retry.backoff, entry.attempt, name_of(part, unit, entry.attempt));
  }
}

}  // namespace atelier::engine
