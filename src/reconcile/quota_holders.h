// Who holds what a quota does not leave.
#pragma once

#include <string>

#include "reconcile/world.h"

namespace atelier::reconcile {

// Other runs in the namespace of `run` that have pods, those with the most first, as the end of a sentence; empty if
// there are none. By their status, which is up to a second old.
std::string quota_holders(const World& world, const ObjectKey& run);

// Whether the API server's words are those of a ResourceQuota.
bool is_of_quota(const std::string& message);

}  // namespace atelier::reconcile
