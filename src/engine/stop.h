// Whether a run goes on, by what was asked of it and by its time.
#pragma once

#include <optional>

#include "atelier/engine/observed.h"

namespace atelier::engine {

inline constexpr const char* kCancelled = "Cancelled";
inline constexpr const char* kTimedOut = "RunTimedOut";
inline constexpr const char* kStopping = "Stopping";  // of a run that is cancelled or timed out and has not ended
inline constexpr const char* kTimeIsOver = "the run's timeout is over";

struct Stop {
  bool starts_nothing = false;  // what waits is over
  bool ends_pods = false;
  TaskState as = TaskState::cancelled;  // what becomes of a task that is ended so
  const char* reason = "";
  const char* why = "";  // of deleting a pod

  bool operator==(const Stop&) const = default;
};

struct Stops {
  Stop tasks;
  Stop finally;
  std::optional<WallTime> next;  // when time alone changes this
};

// `finally_since` as it is committed.
Stops stops_of(const api::PipelineSpec& pipeline, const std::optional<api::RunCancel>& cancel,
               const std::optional<WallTime>& started, const std::optional<WallTime>& finally_since, WallTime now);

}  // namespace atelier::engine
