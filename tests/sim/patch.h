// The patches that the API server takes.
#pragma once

#include <nlohmann/json.hpp>

namespace atelier::sim {

// RFC 7396.
nlohmann::json merge_patched(const nlohmann::json& document, const nlohmann::json& patch);

// As merge_patched, but that owners are added to those that are there, by their uid. Other lists with keys are not
// modelled, nor are directives.
nlohmann::json strategic_merged(const nlohmann::json& document, const nlohmann::json& patch);

// RFC 6902, but that what is replaced in a map need not be there. Throws Refusal: 422 for an operation that does not
// fit, a failed test among them, as the API server.
nlohmann::json json_patched(const nlohmann::json& document, const nlohmann::json& operations);

}  // namespace atelier::sim
