#include "api/findings.h"

#include <algorithm>

namespace atelier::api {
namespace {

// As all versions of Kubernetes take it.
bool is_env_name(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto inner = [&](char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
  };
  return !text.empty() && !digit(text.front()) && std::all_of(text.begin(), text.end(), inner);
}

}  // namespace

void Findings::env(const std::vector<EnvVar>& env, const std::string& path) {
  unique(env, path);
  for (std::size_t i = 0; i < env.size(); ++i) {
    const EnvVar& one = env[i];
    const std::string name = at(path, i) + ".name";
    if (!is_env_name(one.name)) {
      add("InvalidName", name,
          "\"" + one.name + "\" cannot name a variable; use letters, digits and \"_\", and do not start with a digit");
    } else if (one.name.rfind("ATELIER_", 0) == 0) {
      add("InvalidName", name, "names that start with ATELIER_ are the operator's; choose another");
    }
    if (!one.value_from) continue;
    if (!one.value.empty()) {
      add("InvalidValue", at(path, i), "has both value and valueFrom; give one of them");
    }
    if (one.value_from->secret_key_ref.has_value() == one.value_from->config_map_key_ref.has_value()) {
      add("InvalidValue", at(path, i) + ".valueFrom", "should be exactly one of secretKeyRef and configMapKeyRef");
    }
  }
}

bool is_plain_path(std::string_view path) {
  if (path.size() < 2 || path.front() != '/') return false;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace atelier::api
