// A run that was cancelled or whose time is over makes no more pods and ends those it has, unless they may finish. What
// succeeds meanwhile has succeeded.
#include "engine/stop.h"

#include <algorithm>

#include "engine/clocks.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

// Absent: there is no such limit, or it has not begun.
std::optional<WallTime> due(const std::optional<WallTime>& since, const std::optional<Millis>& limit) {
  return since && limit ? std::optional{after(*since, *limit)} : std::nullopt;
}

}  // namespace

Stops stops_of(const api::PipelineSpec& pipeline, const std::optional<api::RunCancel>& cancel,
               const std::optional<WallTime>& started, const std::optional<WallTime>& finally_since, WallTime now) {
  Stops stops;
  const auto over = [&](const std::optional<WallTime>& at) {
    if (at && *at > now) stops.next = std::min(stops.next.value_or(*at), *at);
    return at && *at <= now;
  };
  if (!finally_since && over(due(started, pipeline.timeout))) {
    stops.tasks = {true, true, TaskState::cancelled, kTimedOut, kTimeIsOver};
  } else if (cancel) {
    stops.tasks = {true, !cancel->let_running_finish, TaskState::cancelled, kCancelled, "the run is cancelled"};
  }
  if (over(due(finally_since, pipeline.finally_timeout))) {
    stops.finally = {true, true, TaskState::failed, "FinallyTimedOut", "the time for finally is over"};
  } else if (cancel && !cancel->finally) {
    stops.finally = {true, true, TaskState::cancelled, kCancelled, "the run is cancelled without finally"};
  }
  return stops;
}

// Whether people or time have ended its tasks. The timeout is none any more once `finally` has begun.
bool State::was_stopped() const { return stops_.tasks.starts_nothing || ended_tasks_.timed_out > 0; }

// What may finish has begun: a pod that waits for its image or for a node might never.
bool State::ends_its_pod(const Stop& stop, const Entry& entry) {
  return stop.ends_pods || (stop.starts_nothing && !entry.started);
}

void State::stop(Part& part, Unit& unit, Entry& next) {
  const Stop& stop = stop_of(part);
  if (!stop.starts_nothing) return;
  if (next.state == TaskState::waiting) {
    next.state = stop.as;
    next.reason = stop.reason;
    next.message.clear();
    next.finished = now_;
    next.next_attempt_at.reset();
  } else if (next.state == TaskState::running && ends_its_pod(stop, next)) {
    end_pod(unit, next, stop.why);
  }
}

void State::end_pod(Unit& unit, const Entry& next, const char* why) {
  const PodObservation* const live = unit.pod(next.attempt);
  if (live != nullptr && !live->deleting && !has_ended(*live)) {
    unit.wanted.push_back(DeletePod{live->name, live->uid, why});
  }
}

}  // namespace atelier::engine
