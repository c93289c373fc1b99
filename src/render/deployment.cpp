#include "render/deployment.h"

#include <nlohmann/json.hpp>

#include "atelier/base/digest.h"
#include "render/labels.h"
#include "render/security.h"
#include "render/variables.h"

namespace atelier::render {
namespace {

using nlohmann::json;

json container(const api::Workspace& workspace, const api::WorkspaceContainer& from, const Variables& variables,
               const EffectiveResources& resources) {
  const api::WorkspaceRelease& release = *workspace.status.release;
  const std::string& own = release.image_digest.empty() ? release.image : release.image_digest;
  const std::vector<api::EnvVar> given = {{"WORKSPACE", workspace.metadata.name, {}},
                                          {"RAT_PROFILE", resources.profile, {}},
                                          {"RAT_DUCKDB_MEMORY_MB", std::to_string(resources.duckdb_memory_mb), {}},
                                          {"RAT_CHUNK_SIZE_ROWS", std::to_string(resources.chunk_size_rows), {}}};
  const std::string memory = std::to_string(resources.memory_mb) + "Mi";
  json out = {{"name", from.name},
              {"image", from.image.empty() ? own : from.image},
              {"imagePullPolicy", workspace.spec.image.pull_policy},
              {"env", env_json(merge_env(merge_env(given, expand(workspace.spec.env, variables)),
                                         expand(from.env, variables)))},
              {"resources", {{"requests", {{"memory", memory}}}, {"limits", {{"memory", memory}}}}},
              {"securityContext", container_security(false)}};
  if (!from.command.empty()) out["command"] = expand(from.command, variables);
  if (!from.args.empty()) out["args"] = expand(from.args, variables);
  return out;
}

}  // namespace

json deployment(const api::Workspace& workspace, const api::DataDomain& domain, const EffectiveResources& resources) {
  const Variables variables{domain.spec.key, workspace.metadata.name, workspace.metadata.ns};
  const json selector = {{kComponent, kContainers}, {kWorkspace, workspace.metadata.name}};
  json labels = selector;
  labels[kManagedBy] = kManager;
  json containers = json::array();
  for (const api::WorkspaceContainer& from : workspace.spec.containers) {
    containers.push_back(container(workspace, from, variables, resources));
  }
  json spec = {{"replicas", 1},
               {"revisionHistoryLimit", 2},
               {"selector", {{"matchLabels", selector}}},
               {"template",
                {{"metadata", {{"labels", labels}}},
                 {"spec",
                  {{"automountServiceAccountToken", false},
                   {"enableServiceLinks", false},
                   {"securityContext", pod_security(workspace.spec.run_as_user, std::nullopt)},
                   {"imagePullSecrets", secret_names(workspace.spec.image.pull_secrets)},
                   {"containers", std::move(containers)}}}}}};
  const std::string hash = sha256_hex(spec.dump());
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata",
           {{"name", workspace.metadata.name},
            {"namespace", workspace.metadata.ns},
            {"labels", labels},
            {"annotations", {{kInputHash, hash}}},
            {"ownerReferences", json::array({{{"apiVersion", api::kApiVersion},
                                              {"kind", api::Workspace::kKind},
                                              {"name", workspace.metadata.name},
                                              {"uid", workspace.metadata.uid.value},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}})}}},
          {"spec", std::move(spec)}};
}

}  // namespace atelier::render
