// What a Secret says of one registry.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "atelier/registry/poller.h"
#include "reconcile/admission.h"

namespace atelier::reconcile {

// From a Secret as the API server has it, of type kubernetes.io/dockerconfigjson: its entry for the repository's
// registry, of several the one with the longest path that is the repository's. The refusal quotes nothing of it.
std::variant<registry::Credentials, Refusal> credentials_of(const nlohmann::json& secret,
                                                            const std::string& repository);

}  // namespace atelier::reconcile
