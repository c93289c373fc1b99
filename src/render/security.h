// Security contexts that meet the `restricted` Pod Security standard, and an env list as the API wants it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "atelier/api/shared_types.h"

namespace atelier::render {

// Without a gid the image's group stays, and volumes keep theirs.
nlohmann::json pod_security(std::int64_t uid, std::optional<std::int64_t> gid);
nlohmann::json container_security(bool read_only_root);

nlohmann::json env_json(const std::vector<api::EnvVar>& env);
// Later entries replace earlier ones of the same name, in place.
std::vector<api::EnvVar> merge_env(std::vector<api::EnvVar> base, const std::vector<api::EnvVar>& over);
nlohmann::json secret_names(const std::vector<api::LocalReference>& secrets);

}  // namespace atelier::render
