// A run that was cancelled or whose time is over makes no more pods and ends those it has, unless they may finish. What
// succeeds meanwhile has succeeded.
#include "engine/stop.h"

#include <algorithm>

#include "engine/clocks.h"
#include "engine/turn.h"

namespace atelier::engine {
namespace {

// Absent: there is no such limit, or it has not begun.
std::optional<WallTime> due(const std::optional<WallTime>& since, const std::optional<Millis>& limit) {
  return since && limit ? std::optional{after(*since, *limit)} : std::nullopt;
}

}  // namespace

Stops stops_of(const Observed& observed) {
  Stops stops;
  const auto over = [&](const std::optional<WallTime>& at) {
    if (at && *at > observed.now) stops.next = std::min(stops.next.value_or(*at), *at);
    return at && *at <= observed.now;
  };
  const api::PipelineSpec& pipeline = observed.plan.pipeline;
  const auto& cancel = observed.spec.cancel;
  if (!observed.committed.finally_since && over(due(observed.started, pipeline.timeout))) {
    stops.tasks = {true, true, TaskState::cancelled, kTimedOut, "the run's timeout is over"};
  } else if (cancel) {
    stops.tasks = {true, !cancel->let_running_finish, TaskState::cancelled, kCancelled, "the run is cancelled"};
  }
  if (over(due(observed.committed.finally_since, pipeline.finally_timeout))) {
    stops.finally = {true, true, TaskState::failed, "FinallyTimedOut", "the time for finally is over"};
  } else if (cancel && !cancel->finally) {
    stops.finally = {true, true, TaskState::cancelled, kCancelled, "the run is cancelled without finally"};
  }
  return stops;
}

void Turn::stop() {
  for (const Node& node : graph_.order()) {
    const Stop& stop = stop_of(node);
    if (!stop.starts_nothing) continue;
    TaskEntry& own = entry(node.task->name);
    if (own.state == TaskState::waiting) {
      own.state = stop.as;
      own.reason = stop.reason;
      own.message.clear();
      own.finished = in_.now;
      own.next_attempt_at.reset();
    } else if (own.state == TaskState::running && stop.ends_pods) {
      end_pod(node, stop.why);
    }
  }
}

void Turn::end_pod(const Node& node, const char* why) {
  const PodObservation* const live = pod(node.task->name, entry(node.task->name).attempt);
  if (live != nullptr && !live->deleting && !has_ended(*live)) act(DeletePod{live->name, live->uid, why});
}

}  // namespace atelier::engine
