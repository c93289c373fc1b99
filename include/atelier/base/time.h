// Instants and durations as the Kubernetes API writes them. Time is always an argument: nothing here reads a clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "atelier/base/result.h"

namespace atelier {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // UTC, for what the API shows
using SteadyTime = std::chrono::steady_clock::time_point;           // for waits
using Millis = std::chrono::milliseconds;

// RFC 3339 in UTC to the second, as metav1.Time: 2026-01-01T00:00:00Z.
std::string format_time(WallTime time);
// RFC 3339 with six fractional digits, as metav1.MicroTime (Lease, Event).
std::string format_micro_time(WallTime time);
// Accepts any RFC 3339 instant, with or without fraction, with Z or a numeric offset.
Result<WallTime> parse_time(std::string_view text);

// Go's duration form, as in "1h30m", "10s", "1.5s", "250ms"; non-negative. Error: invalid, with the remedy.
Result<Millis> parse_duration(std::string_view text);
// The shortest Go form: 90 s is "1m30s".
std::string format_duration(Millis duration);

}  // namespace atelier
