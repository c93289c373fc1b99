// The merge patch (RFC 7396) that turns one document into another.
#pragma once

#include <nlohmann/json.hpp>

namespace atelier::reconcile {

// An empty object when there is nothing to change. What only `before`'s owner knows stays: members that neither
// document names are not in the patch. REQUIRES objects; a null member of `after` cannot be told from its absence.
nlohmann::json merge_diff(const nlohmann::json& before, const nlohmann::json& after);

}  // namespace atelier::reconcile
