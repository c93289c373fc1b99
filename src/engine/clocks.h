// Whether an attempt or a task has taken too long.
#pragma once

#include <algorithm>

#include "atelier/engine/observed.h"

namespace atelier::engine {

inline constexpr const char* kTaskTimedOut = "TaskTimedOut";
inline constexpr const char* kPendingTimedOut = "PendingTimedOut";
inline constexpr const char* kImagePullFailed = "ImagePullFailed";  // the same, for want of its image

// Whatever the plan says, an instant stays one.
inline WallTime after(WallTime since, Millis limit) {
  constexpr Millis kLongest = std::chrono::hours{24 * 366};
  return since + std::clamp(limit, Millis{0}, kLongest);
}

// All attempts together.
bool is_too_late(const api::Task& task, const Entry& entry, WallTime now);
// The attempt's pod is older than its pending timeout, and its container has not been started.
bool never_started(const api::Task& task, const PodObservation& pod, WallTime now);

}  // namespace atelier::engine
