// What the committed ledger remembers of an attempt when its pod is gone.
#pragma once

#include "atelier/engine/observed.h"

namespace atelier::engine {

// Whether the ledger tells how the attempt ended, so that nothing of its pod is needed any more.
bool holds_end(const Ledger& ledger, const Attempt& attempt);
// An attempt of the entry's task or item.
bool holds_end(const Entry& entry, std::int64_t attempt);

}  // namespace atelier::engine
