// Keeps a ledger small enough for the status that it is written into.
#pragma once

#include "atelier/engine/ledger.h"

namespace atelier::engine {

inline constexpr std::size_t kLargestState = 60U << 10U;  // encoded; the CRD's limit of status.state is 64 Ki

// Shortens messages, then leaves them out, those of ended tasks first, until the encoded ledger fits. What has been
// made to fit is not changed again: the next decision from it commits nothing.
void fit(Ledger& ledger);

}  // namespace atelier::engine
