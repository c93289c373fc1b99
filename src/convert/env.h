// Variables of the environment: a list, or a text with the YAML of one.
#pragma once

#include <string>
#include <vector>

#include "atelier/api/shared_types.h"
#include "convert/input.h"

namespace atelier::convert {

struct EnvRules {
  bool references = true;  // may take values from Secrets and ConfigMaps
  // Of one that may not: why, and what to do.
  std::string plain_values =
      "this step runs in the storage namespace and may read no Secret or ConfigMap; give a value";
  std::string secrets =
      "this step runs in the storage namespace and may read no Secret; do what needs it in a "
      "pipeline's task";
};

// Reports plaintext secrets, and `field`, as in "spec.env", as the origin of what it reads.
std::vector<api::EnvVar> read_env(const Value& env, const std::string& field, const EnvRules& rules);

// Reports a text that inserts what is no variable of a workspace but looks like one, or that means another thing here.
void check_variables(const Value& where, const std::string& text);

}  // namespace atelier::convert
