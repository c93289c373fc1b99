#include "render/task_pod.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "render/labels.h"
#include "render/pod_fields.h"
#include "render/security.h"
#include "render/stage_image.h"

namespace atelier::render {
namespace {

using nlohmann::json;

// Whole seconds, rounded up: the kubelet enforces it, also while the operator is away.
std::int64_t deadline_seconds(Millis timeout) { return std::max<std::int64_t>(1, (timeout.count() + 999) / 1000); }

json results_mount() { return {{"name", kResultsContainer}, {"mountPath", "/atelier/large"}}; }

// Prints the results to its log when the task has ended, see atelier-stage --help.
json results_sidecar(const std::string& stage_image) {
  return {{"name", kResultsContainer},
          {"image", stage_image},
          {"imagePullPolicy", kStagePullPolicy},
          {"restartPolicy", "Always"},
          {"command", {kStageBinary, "results", "--file", kLargeResultsPath}},
          {"volumeMounts", json::array({results_mount()})},
          {"resources", stage_resources(std::to_string(kResultsMebi) + "Mi")},
          {"securityContext", container_security(true)}};
}

}  // namespace

json task_pod(const api::PipelineRun& run, const api::RunPin& pin, const api::RunPlan& plan, const TaskAttempt& attempt,
              const std::string& stage_image) {
  const api::Task& task = api::task_of(plan.pipeline, attempt.task);
  std::vector<api::EnvVar> given = {{"WORKSPACE", pin.workspace, {}}, {"RAT_PROFILE", plan.profile, {}}};
  // A run from before an upgrade may have been pinned without them.
  if (plan.duckdb_memory_mb > 0) given.push_back({"RAT_DUCKDB_MEMORY_MB", std::to_string(plan.duckdb_memory_mb), {}});
  if (plan.chunk_size_rows > 0) given.push_back({"RAT_CHUNK_SIZE_ROWS", std::to_string(plan.chunk_size_rows), {}});
  const std::vector<api::EnvVar> base = merge_env(given, plan.env);
  // The operator's own come last: no author's variable may hide them.
  std::vector<api::EnvVar> own = {{"ATELIER_RUN", run.metadata.name, {}},
                                  {"ATELIER_TASK", attempt.task, {}},
                                  {"ATELIER_ATTEMPT", std::to_string(attempt.attempt), {}}};
  if (attempt.item) own.push_back({"ATELIER_INDEX", std::to_string(*attempt.item), {}});
  // What the task's container and its sidecars are alike in.
  const auto container_of = [&](const char* name, const auto& from, const auto& mounts, const json& resources) {
    json container = {{"name", name},
                      {"image", from.image.empty() ? pin.image : from.image},
                      {"imagePullPolicy", plan.pull_policy},
                      {"env", env_json(merge_env(merge_env(base, from.env), own))},
                      {"resources", resources},
                      {"securityContext", container_security(false)}};
    if (!from.command.empty()) container["command"] = from.command;
    if (!from.args.empty()) container["args"] = from.args;
    if (!mounts.empty()) container["volumeMounts"] = mounts_json(mounts);
    return container;
  };
  json sidecars = json::array();
  if (task.large_results) sidecars.push_back(results_sidecar(stage_image));
  for (const api::Sidecar& sidecar : attempt.sidecars) {
    json container =
        container_of(sidecar.name.c_str(), sidecar, sidecar.volume_mounts, resources_json(sidecar.resources));
    container["restartPolicy"] = "Always";  // what makes it a sidecar, see Kubernetes' KEP-753
    sidecars.push_back(std::move(container));
  }
  own.push_back({"ATELIER_RESULTS", task.large_results ? kLargeResultsPath : kResultsPath, {}});
  json container = container_of(kTaskContainer, attempt, task.volume_mounts,
                                task_resources_json(task, plan.memory_mb, attempt.out_of_memory));
  container["terminationMessagePath"] = kResultsPath;
  container["terminationMessagePolicy"] = "FallbackToLogsOnError";
  if (task.large_results) container["volumeMounts"].push_back(results_mount());

  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata",
               {{"name", attempt.pod_name},
                {"namespace", run.metadata.ns},
                {"labels",
                 {{kManagedBy, kManager},
                  {kComponent, kTask},
                  {kWorkspace, pin.workspace},
                  {kRun, run.metadata.name},
                  {kRunUid, run.metadata.uid.value},
                  {kTaskName, attempt.task},
                  {kAttempt, std::to_string(attempt.attempt)}}},
                {"finalizers", json::array({kResultFinalizer})},
                {"ownerReferences", json::array({{{"apiVersion", api::kApiVersion},
                                                  {"kind", api::PipelineRun::kKind},
                                                  {"name", run.metadata.name},
                                                  {"uid", run.metadata.uid.value},
                                                  {"controller", true},
                                                  {"blockOwnerDeletion", true}}})}}},
              {"spec",
               {{"restartPolicy", "Never"},
                {"automountServiceAccountToken", false},
                {"enableServiceLinks", false},
                {"securityContext", pod_security(plan.run_as_user, std::nullopt)},
                {"containers", json::array({std::move(container)})}}}};
  if (attempt.item) pod["metadata"]["labels"][kItem] = std::to_string(*attempt.item);
  if (!plan.pull_secrets.empty()) pod["spec"]["imagePullSecrets"] = secret_names(plan.pull_secrets);
  if (!sidecars.empty()) pod["spec"]["initContainers"] = std::move(sidecars);
  if (task.large_results) {
    // Without a size limit: whoever writes more is told so, and not evicted.
    pod["spec"]["volumes"] = json::array({{{"name", kResultsContainer}, {"emptyDir", json::object()}}});
  }
  add_pod_fields(pod["spec"], task, plan.pipeline);
  if (attempt.timeout) pod["spec"]["activeDeadlineSeconds"] = deadline_seconds(*attempt.timeout);
  return pod;
}

}  // namespace atelier::render
