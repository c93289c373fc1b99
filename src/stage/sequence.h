// The order of a workspace's publishes: an older publisher that comes late must not win.
#pragma once

#include <cstdint>
#include <string>

#include "stage/claim.h"
#include "stage/storage.h"

namespace atelier::stage {

// Superseded if a greater number of the same UID is on record. What is recorded of another UID, or unreadable, does
// not count: the name has changed hands, and the claim says to whom.
Result<void> check_sequence(const Storage& storage, const Holder& holder, std::uint64_t sequence);

// The same, and records `sequence` on disk if it is new.
Result<void> advance_sequence(const Storage& storage, const Holder& holder, std::uint64_t sequence);

}  // namespace atelier::stage
