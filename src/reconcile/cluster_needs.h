// Whether a cluster is what this version of Atelier needs, by what it says of itself. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace atelier::reconcile {

// Of the answer to /version: why it is too old; empty if it is not, or does not say.
std::string too_old(const nlohmann::json& version);

// Of the OpenAPI document of atelier.dev: which fields its kinds lack; empty if none. A kind that is not in it is not
// looked at: whoever lists it is told so.
std::string older_kinds(const nlohmann::json& openapi);

}  // namespace atelier::reconcile
