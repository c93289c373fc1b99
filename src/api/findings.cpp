#include "api/findings.h"

namespace atelier::api {

void Findings::env(const std::vector<EnvVar>& env, const std::string& path) {
  unique(env, path);
  for (std::size_t i = 0; i < env.size(); ++i) {
    const EnvVar& one = env[i];
    const std::string name = at(path, i) + ".name";
    if (one.name.empty() || one.name.find('=') != std::string::npos) {
      add("InvalidName", name, "\"" + one.name + "\" cannot name a variable; use letters, digits and \"_\"");
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

}  // namespace atelier::api
