// The template variables of a workspace: ${datadomain}, ${workspace} and ${namespace}.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/api/shared_types.h"

namespace atelier::render {

struct Variables {
  std::string datadomain;
  std::string workspace;
  std::string ns;
};

// Replaces the three variables, once: what is inserted is not read again. "$${" is a literal "${"; any other
// "${...}" stays as it is, for a shell to read.
std::string expand(std::string_view text, const Variables& variables);
std::vector<std::string> expand(const std::vector<std::string>& texts, const Variables& variables);
std::vector<api::EnvVar> expand(std::vector<api::EnvVar> env, const Variables& variables);

}  // namespace atelier::render
