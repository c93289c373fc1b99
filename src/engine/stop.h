// Whether a run goes on, by what was asked of it and by its time.
#pragma once

#include <optional>

#include "atelier/engine/observed.h"

namespace atelier::engine {

inline constexpr const char* kCancelled = "Cancelled";
inline constexpr const char* kTimedOut = "RunTimedOut";

struct Stop {
  bool starts_nothing = false;  // what waits is over
  bool ends_pods = false;
  TaskState as = TaskState::cancelled;  // what becomes of a task that is ended so
  const char* reason = "";
  const char* why = "";  // of deleting a pod
};

struct Stops {
  Stop tasks;
  Stop finally;
  std::optional<WallTime> next;  // when time alone changes this
};

Stops stops_of(const Observed& observed);

}  // namespace atelier::engine
