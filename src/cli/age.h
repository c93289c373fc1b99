// Spans of time for people.
#pragma once

#include <optional>
#include <string>

#include "atelier/base/time.h"

namespace atelier::cli {

// As kubectl prints ages: 90s, 5m30s, 3h, 2d4h, 3y20d. A clock that is up to a second behind is forgiven.
std::string human_duration(WallTime::duration span);

// The age at `now`; `<unknown>` where there is no instant.
std::string age(const std::optional<WallTime>& since, WallTime now);

}  // namespace atelier::cli
