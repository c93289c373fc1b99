// How the model of the API server says no.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "atelier/http/port.h"

namespace atelier::sim {

// Becomes a metav1.Status. Thrown within the model, answered by ApiModel::handle.
struct Refusal : std::runtime_error {
  Refusal(int code_in, std::string reason_in, const std::string& message)
      : std::runtime_error(message), code(code_in), reason(std::move(reason_in)) {}

  nlohmann::json body() const {
    return {{"apiVersion", "v1"},  {"kind", "Status"},  {"metadata", nlohmann::json::object()},
            {"status", "Failure"}, {"message", what()}, {"reason", reason},
            {"code", code}};
  }

  http::Response response() const { return {code, {{"content-type", "application/json"}}, body().dump()}; }

  int code;
  std::string reason;
};

inline Refusal bad_request(const std::string& message) { return {400, "BadRequest", message}; }
inline Refusal invalid(const std::string& message) { return {422, "Invalid", message}; }
inline Refusal not_found(const std::string& what) { return {404, "NotFound", what + " not found"}; }
inline Refusal conflict(const std::string& what, const std::string& why) {
  return {409, "Conflict", "Operation cannot be fulfilled on " + what + ": " + why};
}

}  // namespace atelier::sim
