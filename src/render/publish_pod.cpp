#include "render/publish_pod.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/api/deployed_image.h"
#include "atelier/base/digest.h"
#include "render/airflow_dag_ids.h"
#include "render/labels.h"
#include "render/security.h"
#include "render/stage_image.h"
#include "render/variables.h"

namespace atelier::render {
namespace {

using nlohmann::json;

constexpr const char* kToolsBinary = "/atelier/atelier-stage";  // in the team's image, by the tools volume
constexpr int kDeadlineSeconds = 30 * 60;
constexpr const char* kManifest = "/check/manifest.json";

json mount(const char* volume, const std::string& path, bool read_only) {
  json out = {{"name", volume}, {"mountPath", path}};
  if (read_only) out["readOnly"] = true;
  return out;
}

json container(const std::string& name, const std::string& image, const std::string& pull_policy, json command,
               json mounts) {
  return {{"name", name},
          {"image", image},
          {"imagePullPolicy", pull_policy},
          {"command", std::move(command)},
          {"volumeMounts", std::move(mounts)},
          {"resources", stage_resources("512Mi")},
          {"securityContext", container_security(true)},
          {"terminationMessagePolicy", "FallbackToLogsOnError"}};
}

// What every pod beside the storage has in common.
json storage_pod(const api::DataDomain& domain, const std::string& name, json labels) {
  labels[kManagedBy] = kManager;
  labels[kDataDomain] = domain.metadata.name;
  const json storage = {{"name", "storage"},
                        {"persistentVolumeClaim", {{"claimName", domain.spec.storage.claim_name}}}};
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"namespace", domain.metadata.ns},
            {"labels", std::move(labels)},
            {"ownerReferences", json::array({{{"apiVersion", api::kApiVersion},
                                              {"kind", api::DataDomain::kKind},
                                              {"name", domain.metadata.name},
                                              {"uid", domain.metadata.uid.value},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}})}}},
          {"spec",
           {{"restartPolicy", "Never"},
            {"activeDeadlineSeconds", kDeadlineSeconds},
            {"automountServiceAccountToken", false},
            {"enableServiceLinks", false},
            {"securityContext", pod_security(domain.spec.storage.owner.uid, domain.spec.storage.owner.gid)},
            {"volumes", json::array({storage})}}}};
}

json with_hash(json pod) {
  pod["metadata"]["annotations"][kPodHash] = sha256_hex(pod["spec"].dump());
  return pod;
}

json storage_mount(const api::DataDomain& domain) {
  return {{"name", "storage"}, {"mountPath", "/storage"}, {"subPath", domain.spec.key}};
}

json copy_command(const api::Workspace& workspace, const std::string& tree) {
  json command = {kToolsBinary, "copy", "--from", workspace.spec.dags.path, "--to", tree};
  for (const std::string& pattern : workspace.spec.dags.include) {
    command.push_back("--include");
    command.push_back(pattern);
  }
  return command;
}

// None while the workspace waits for one, and for going back to a release none is needed.
api::DeployedImage image_of(const api::Workspace& workspace) {
  return api::deployed_image(workspace).value_or(api::DeployedImage{});
}

// What a team runs of its own, a step or a check: on the staging area and nothing else.
template <class Step>
json team_container(const api::Workspace& workspace, const api::DataDomain& domain, const Step& step,
                    const char* prefix, json staging) {
  const Variables variables{domain.spec.key, workspace.metadata.name, workspace.metadata.ns};
  json out =
      container(prefix + step.name, step.image.empty() ? image_of(workspace).reference : step.image,
                workspace.spec.image.pull_policy, expand(step.command, variables), json::array({std::move(staging)}));
  if (step.command.empty()) out.erase("command");
  if (!step.args.empty()) out["args"] = expand(step.args, variables);
  out["securityContext"] = container_security(false);
  return out;
}

json team_step(const api::Workspace& workspace, const api::DataDomain& domain, const api::StagingStep& step) {
  json out = team_container(workspace, domain, step, kTeamStepPrefix, mount("staging", step.mount_path, false));
  const Variables variables{domain.spec.key, workspace.metadata.name, workspace.metadata.ns};
  if (!step.env.empty()) out["env"] = env_json(expand(step.env, variables));
  return out;
}

json team_check(const api::Workspace& workspace, const api::DataDomain& domain, const api::WorkspaceCheck& check) {
  json out = team_container(workspace, domain, check, kTeamCheckPrefix, mount("staging", "/storage", true));
  const std::string dags = "/storage/" + storage_location(domain, workspace.metadata.name);
  out["env"] = json::array({{{"name", "ATELIER_DAGS"}, {"value", dags}}});
  return out;
}

}  // namespace

std::string storage_location(const api::DataDomain& domain, const std::string& workspace) {
  return domain.spec.key + "/dags/" + workspace;
}

std::string publish_input_hash(const api::Workspace& workspace, const api::DataDomain& domain) {
  json input = {
      {"workspace", workspace.metadata.uid.value},
      {"domain", domain.metadata.uid.value},
      {"key", domain.spec.key},
      {"claim", domain.spec.storage.claim_name},
      {"owner", {domain.spec.storage.owner.uid, domain.spec.storage.owner.gid}},
  };
  if (!workspace.spec.dags.release.empty()) {
    input["release"] = workspace.spec.dags.release;
    return sha256_hex(input.dump());
  }
  json steps = json::array();
  for (const api::StagingStep& step : workspace.spec.init_containers) {
    steps.push_back({step.name, step.image, step.command, step.args, env_json(step.env), step.mount_path});
  }
  input["image"] = image_of(workspace).reference;
  input["path"] = workspace.spec.dags.path;
  input["include"] = workspace.spec.dags.include;
  input["steps"] = std::move(steps);
  for (const api::WorkspaceCheck& check : workspace.spec.dags.checks) {
    input["checks"].push_back({check.name, check.image, check.command, check.args});
  }
  if (asks_airflow(domain)) input["airflow"] = {domain.spec.airflow->image, domain.spec.airflow->folder_of_dags()};
  return sha256_hex(input.dump());
}

namespace {

json marked_pod(const api::Workspace& workspace, const api::DataDomain& domain) {
  const api::DeployedImage image = image_of(workspace);
  json pod = storage_pod(domain, publish_pod_name(workspace.metadata.key()),
                         {{kComponent, kPublish},
                          {kWorkspace, workspace.metadata.name},
                          {kWorkspaceNamespace, workspace.metadata.ns},
                          {kWorkspaceUid, workspace.metadata.uid.value}});
  pod["metadata"]["annotations"] = {{kInputHash, publish_input_hash(workspace, domain)},
                                    {kGeneration, std::to_string(workspace.metadata.generation)},
                                    {kImage, image.name}};
  if (!image.pinned.empty()) pod["metadata"]["annotations"][kImageDigest] = image.pinned;
  return pod;
}

// What the steps that work on the storage are told alike.
json storage_command(const api::Workspace& workspace, const api::DataDomain& domain, const char* step) {
  return {kStageBinary,   step,
          "--storage",    "/storage",
          "--datadomain", domain.spec.key,
          "--workspace",  workspace.metadata.name,
          "--namespace",  workspace.metadata.ns,
          "--uid",        workspace.metadata.uid.value,
          "--sequence",   std::to_string(workspace.metadata.generation + workspace.status.sequence_offset)};
}

void add(json& command, std::initializer_list<std::string> words) {
  for (const std::string& word : words) command.push_back(word);
}

// The step takes the ids that Airflow found in place of those that files spell out.
void read_airflow_dags(json& step) {
  add(step["command"], {"--airflow-dags", kAirflowDags});
  step["volumeMounts"].push_back(airflow_dag_ids_mount());
}

// Where no release of this name is known to have come from an image, containers and tasks keep the one they have.
json rollback_pod(const api::Workspace& workspace, const api::DataDomain& domain, const std::string& stage_image) {
  json pod = marked_pod(workspace, domain);
  json& annotations = pod["metadata"]["annotations"];
  const auto& known = workspace.status.releases;
  const auto at = std::find_if(known.begin(), known.end(), [&](const api::FormerRelease& release) {
    return release.id.starts_with(workspace.spec.dags.release);
  });
  if (at != known.end()) {
    annotations[kImage] = at->image;
    annotations[kImageDigest] = at->image_digest;
  } else if (const auto& live = workspace.status.release) {
    annotations[kImage] = live->image;
    annotations[kImageDigest] = live->image_digest;
  } else {
    annotations.erase(kImageDigest);
  }
  json command = storage_command(workspace, domain, "rollback");
  add(command, {"--release", workspace.spec.dags.release});
  pod["spec"]["containers"] = json::array({container(kStepPublish, stage_image, kStagePullPolicy, std::move(command),
                                                     json::array({storage_mount(domain)}))});
  return with_hash(std::move(pod));
}

}  // namespace

json publish_pod(const api::Workspace& workspace, const api::DataDomain& domain, const std::string& stage_image) {
  if (!workspace.spec.dags.release.empty()) return rollback_pod(workspace, domain, stage_image);
  const std::string tree = "/staging/" + storage_location(domain, workspace.metadata.name);
  json pod = marked_pod(workspace, domain);
  json& spec = pod["spec"];
  if (!domain.spec.pull_secrets.empty()) spec["imagePullSecrets"] = secret_names(domain.spec.pull_secrets);
  spec["volumes"].push_back({{"name", "tools"}, {"emptyDir", {{"sizeLimit", "16Mi"}}}});
  spec["volumes"].push_back({{"name", "staging"}, {"emptyDir", {{"sizeLimit", "2Gi"}}}});
  spec["volumes"].push_back({{"name", "check"}, {"emptyDir", {{"sizeLimit", "64Mi"}}}});

  json steps = json::array();
  steps.push_back(container(kStepTools, stage_image, kStagePullPolicy, {kStageBinary, "install", kToolsBinary},
                            json::array({mount("tools", "/atelier", false)})));
  steps.push_back(container(kStepStage, image_of(workspace).reference, workspace.spec.image.pull_policy,
                            copy_command(workspace, tree),
                            json::array({mount("tools", "/atelier", true), mount("staging", "/staging", false)})));
  for (const api::StagingStep& step : workspace.spec.init_containers) {
    steps.push_back(team_step(workspace, domain, step));
  }
  for (const api::WorkspaceCheck& check : workspace.spec.dags.checks) {
    steps.push_back(team_check(workspace, domain, check));
  }
  const bool by_airflow = asks_airflow(domain);
  if (by_airflow) steps.push_back(airflow_dag_ids(workspace, domain));
  json check = container(kStepCheck, stage_image, kStagePullPolicy,
                         {kStageBinary, "check", "--tree", tree, "--manifest", kManifest},
                         json::array({mount("staging", "/staging", true), mount("check", "/check", false)}));
  if (by_airflow) read_airflow_dags(check);
  steps.push_back(std::move(check));
  spec["initContainers"] = std::move(steps);

  json command = storage_command(workspace, domain, "publish");
  add(command, {"--tree", tree, "--manifest", kManifest});
  add(command, {"--keep-releases", std::to_string(workspace.spec.dags.keep_releases)});
  if (const auto age = workspace.spec.dags.max_release_age) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*age).count();
    add(command, {"--max-age-seconds", std::to_string(seconds)});
  }
  spec["containers"] = json::array({container(
      kStepPublish, stage_image, kStagePullPolicy, command,
      json::array({mount("staging", "/staging", true), mount("check", "/check", true), storage_mount(domain)}))});
  if (by_airflow) {
    read_airflow_dags(spec["containers"][0]);
    for (const json& volume : airflow_dag_ids_volumes()) spec["volumes"].push_back(volume);
  }
  return with_hash(std::move(pod));
}

json on_node(json pod, const std::string& node) {
  if (node.empty()) return pod;
  const json term = {
      {"matchFields", json::array({{{"key", "metadata.name"}, {"operator", "In"}, {"values", {node}}}})}};
  pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] =
      json::array({term});
  return pod;
}

json sweep_pod(const api::DataDomain& domain, const std::vector<api::StorageClaim>& orphans,
               const std::string& stage_image) {
  json command = {kStageBinary, "sweep", "--storage", "/storage"};
  std::string claims;
  for (const api::StorageClaim& orphan : orphans) {
    const std::string claim = orphan.name + "=" + orphan.uid.value;
    command.push_back("--remove");
    command.push_back(claim);
    if (!claims.empty()) claims += ',';
    claims += claim;
  }
  json pod = storage_pod(domain, sweep_pod_name(domain.metadata.name), {{kComponent, kSweep}});
  pod["metadata"]["annotations"] = {{kClaims, claims}};
  pod["spec"]["containers"] = json::array(
      {container(kSweep, stage_image, kStagePullPolicy, std::move(command), json::array({storage_mount(domain)}))});
  return with_hash(std::move(pod));
}

}  // namespace atelier::render
