// Documents as YAML that every reader takes for the same values.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace atelier::yaml {

// In block style, `name` before the other fields of a map, which follow in the order of their names. A text is in
// quotes where it could be taken for anything else, by YAML 1.1 or 1.2. REQUIRES UTF-8.
std::string write(const nlohmann::json& value);

}  // namespace atelier::yaml
