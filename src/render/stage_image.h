// What containers of the operator's stage image have alike.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace atelier::render {

inline constexpr const char* kStageBinary = "/atelier-stage";
inline constexpr const char* kStagePullPolicy = "IfNotPresent";

// With this limit of memory.
inline nlohmann::json stage_resources(const std::string& memory) {
  return {{"requests", {{"cpu", "10m"}, {"memory", "32Mi"}}}, {"limits", {{"memory", memory}}}};
}

}  // namespace atelier::render
