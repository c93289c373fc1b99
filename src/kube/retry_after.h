// How long a server asks to be left alone. No more than kLongestWait: a broken proxy must not silence us for a day.
#pragma once

#include <cstdint>

#include "atelier/base/time.h"
#include "atelier/http/port.h"

namespace atelier::kube {

inline constexpr Millis kLongestWait{std::chrono::minutes{10}};

// What a server means that says so many seconds.
Millis wait_of(std::uint64_t seconds);

// The header Retry-After: seconds, or an HTTP date, which is taken relative to the answer's own Date, so that no clocks
// are compared. 0 where there is none, or none that can be read.
Millis retry_after(const http::Headers& headers);

}  // namespace atelier::kube
