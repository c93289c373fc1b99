#include "render/security.h"

#include <algorithm>

namespace atelier::render {
namespace {

using nlohmann::json;

json selector(const api::KeySelector& from) {
  json out = {{"name", from.name}, {"key", from.key}};
  if (from.optional) out["optional"] = true;
  return out;
}

}  // namespace

json pod_security(std::int64_t uid, std::optional<std::int64_t> gid) {
  json out = {{"runAsNonRoot", true}, {"runAsUser", uid}, {"seccompProfile", {{"type", "RuntimeDefault"}}}};
  if (gid) {
    out["runAsGroup"] = *gid;
    out["fsGroup"] = *gid;
    out["fsGroupChangePolicy"] = "OnRootMismatch";
  }
  return out;
}

json container_security(bool read_only_root) {
  json out = {{"allowPrivilegeEscalation", false}, {"capabilities", {{"drop", json::array({"ALL"})}}}};
  if (read_only_root) out["readOnlyRootFilesystem"] = true;
  return out;
}

json env_json(const std::vector<api::EnvVar>& env) {
  json out = json::array();
  for (const api::EnvVar& variable : env) {
    json entry = {{"name", variable.name}};
    if (variable.value_from && variable.value_from->secret_key_ref) {
      entry["valueFrom"] = {{"secretKeyRef", selector(*variable.value_from->secret_key_ref)}};
    } else if (variable.value_from && variable.value_from->config_map_key_ref) {
      entry["valueFrom"] = {{"configMapKeyRef", selector(*variable.value_from->config_map_key_ref)}};
    } else {
      entry["value"] = variable.value;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<api::EnvVar> merge_env(std::vector<api::EnvVar> base, const std::vector<api::EnvVar>& over) {
  for (const api::EnvVar& next : over) {
    const auto at = std::find_if(base.begin(), base.end(), [&](const api::EnvVar& e) { return e.name == next.name; });
    if (at == base.end()) {
      base.push_back(next);
    } else {
      *at = next;
    }
  }
  return base;
}

json secret_names(const std::vector<api::LocalReference>& secrets) {
  json out = json::array();
  for (const api::LocalReference& secret : secrets) out.push_back({{"name", secret.name}});
  return out;
}

}  // namespace atelier::render
