// The patches that the API server takes.
#pragma once

#include <nlohmann/json.hpp>

namespace atelier::sim {

// RFC 7396.
nlohmann::json merge_patched(const nlohmann::json& document, const nlohmann::json& patch);

// As merge_patched, but that owners are added to those that are there, by their uid. Other lists with keys are not
// modelled, nor are directives.
nlohmann::json strategic_merged(const nlohmann::json& document, const nlohmann::json& patch);

// RFC 6902. Throws Refusal: 422 for an operation that does not fit, a failed test among them, as the API server.
nlohmann::json json_patched(const nlohmann::json& document, const nlohmann::json& operations);

// Server-side apply by one manager who forces: what it named `before` and names no more goes. Lists are atomic.
nlohmann::json applied(nlohmann::json document, const nlohmann::json& before, const nlohmann::json& wanted);

}  // namespace atelier::sim
