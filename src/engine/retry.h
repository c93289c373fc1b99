// How long after an attempt's end the next may start.
#pragma once

#include "atelier/api/pipeline.h"

namespace atelier::engine {

// initial * factor^(attempt - 1), at most max; never negative, whatever the plan says.
Millis delay_after(const api::Backoff& backoff, std::int64_t attempt);

// After the API refused a pod `times` in a row: 5 s, doubled, at most a minute.
Millis delay_after_refusal(std::int64_t times);

}  // namespace atelier::engine
