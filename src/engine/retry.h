// Whether an attempt follows one that failed, and how long after its end.
#pragma once

#include <string_view>

#include "atelier/api/pipeline.h"
#include "atelier/engine/ledger.h"
#include "engine/graph.h"

namespace atelier::engine {

// Whether a limit leaves another attempt after the one that ended; `restarts` counts it already.
bool another_follows(const api::Retry& retry, const Entry& entry, bool by_cluster);

// Whether the condition of `node` wants another after this failure of the task itself. One that cannot be evaluated
// does not, and says so in the entry's message.
bool wants_another(const Node& node, Entry& entry, std::optional<std::int64_t> exit_code);

// initial * factor^(attempt - 1), at most max, and longer by a part of `jitter` that `salt` decides; never negative,
// whatever the plan says.
Millis delay_after(const api::Backoff& backoff, std::int64_t attempt, std::string_view salt);

// After the API refused a pod `times` in a row: 5 s, doubled, at most a minute.
Millis delay_after_refusal(std::int64_t times);

}  // namespace atelier::engine
