#include "render/task_pod.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "render/labels.h"
#include "render/security.h"

namespace atelier::render {
namespace {

using nlohmann::json;

// Whole seconds, rounded up: the kubelet enforces it, also while the operator is away.
std::int64_t deadline_seconds(Millis timeout) { return std::max<std::int64_t>(1, (timeout.count() + 999) / 1000); }

}  // namespace

json task_pod(const api::PipelineRun& run, const api::RunPin& pin, const api::RunPlan& plan,
              const TaskAttempt& attempt) {
  const std::vector<api::EnvVar> given = {{"WORKSPACE", pin.workspace, {}}, {"RAT_PROFILE", plan.profile, {}}};
  // The operator's own come last: no author's variable may hide them.
  const std::vector<api::EnvVar> own = {{"ATELIER_RUN", run.metadata.name, {}},
                                        {"ATELIER_TASK", attempt.task, {}},
                                        {"ATELIER_ATTEMPT", std::to_string(attempt.attempt), {}},
                                        {"ATELIER_RESULTS", kResultsPath, {}}};
  const std::vector<api::EnvVar> env = merge_env(merge_env(merge_env(given, plan.env), attempt.env), own);
  const std::string memory = std::to_string(plan.memory_mb) + "Mi";
  json container = {{"name", kTaskContainer},
                    {"image", attempt.image.empty() ? pin.image : attempt.image},
                    {"imagePullPolicy", plan.pull_policy},
                    {"env", env_json(env)},
                    {"resources", {{"requests", {{"memory", memory}}}, {"limits", {{"memory", memory}}}}},
                    {"securityContext", container_security(false)},
                    {"terminationMessagePath", kResultsPath},
                    {"terminationMessagePolicy", "FallbackToLogsOnError"}};
  if (!attempt.command.empty()) container["command"] = attempt.command;
  if (!attempt.args.empty()) container["args"] = attempt.args;

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
  if (!plan.pull_secrets.empty()) pod["spec"]["imagePullSecrets"] = secret_names(plan.pull_secrets);
  if (attempt.timeout) pod["spec"]["activeDeadlineSeconds"] = deadline_seconds(*attempt.timeout);
  return pod;
}

}  // namespace atelier::render
