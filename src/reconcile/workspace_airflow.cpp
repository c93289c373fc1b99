#include "reconcile/workspace_airflow.h"

#include "atelier/api/airflow_names.h"
#include "reconcile/admission.h"
#include "reconcile/airflow_restart.h"
#include "render/airflow_env.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

std::string why_refused(const std::string& name, const api::DataDomain& domain) {
  if (!api::why_not_for_airflow(name).empty() || !domain.spec.airflow) {
    return "Airflow takes no such name or value, see docs/reference/airflow.md";
  }
  std::string prefixes;
  for (const std::string& one : domain.spec.airflow->allowed_prefixes) prefixes += (prefixes.empty() ? "" : ", ") + one;
  return "the DataDomain takes names that begin with one of: " + prefixes;
}

}  // namespace

std::optional<ConditionWords> airflow_words(const WorkspaceInput& input) {
  const api::Workspace& workspace = input.workspace;
  if (workspace.spec.airflow.extra_env.empty() || input.airflow == nullptr) return std::nullopt;
  if (admit(workspace, input.domain, input.tenant)) return std::nullopt;
  const std::string field = "spec.airflow.extraEnv: ";
  const auto taken = input.airflow->taken.find(workspace.metadata.uid);
  if (taken == input.airflow->taken.end()) {
    return ConditionWords{ConditionStatus::false_, "EnvPending",
                          "waits until the DataDomain is Ready and names this Workspace in status.claims; see the "
                          "condition Ready of both if it takes long"};
  }
  const AirflowEnv::Losses& losses = taken->second;
  if (const AirflowEnv::LeftOut& refused = losses.refused; refused.count > 0) {
    return ConditionWords{ConditionStatus::false_, "EnvRefused",
                          field + refused.name + and_more(refused.count) +
                              " is left out: " + why_refused(refused.name, *input.domain) + "; rename it"};
  }
  if (const AirflowEnv::LeftOut& left_out = losses.no_room; left_out.count > 0) {
    return ConditionWords{ConditionStatus::false_, "EnvTooLarge",
                          field + left_out.name + and_more(left_out.count) +
                              " has no room: a workspace may have 32 KiB of names and values once variables are "
                              "replaced, those of a namespace together 64 KiB, and all of a DataDomain 256 KiB"};
  }
  if (const AirflowEnv::LeftOut& clashes = losses.clashes; clashes.count > 0) {
    return ConditionWords{ConditionStatus::false_, "EnvConflict",
                          field + clashes.name + " does not count: Workspace \"" + clashes.holder.to_string() +
                              "\", which was here first, gives it another value" + and_more(clashes.count) +
                              "; rename it, or agree on one value"};
  }
  const auto& status = input.domain->status.airflow;
  if (!status || status->hash != render::airflow_env_hash(input.airflow->variables)) {
    return ConditionWords{ConditionStatus::false_, "EnvPending",
                          "waits for the DataDomain to put its variables into Airflow's environment; see that one's "
                          "condition AirflowEnv if it takes long"};
  }
  return ConditionWords{ConditionStatus::true_, "Merged",
                        "its variables are in the ConfigMap \"" + status->config_map +
                            "\"; Airflow has them once it is started the next time"};
}

}  // namespace atelier::reconcile
