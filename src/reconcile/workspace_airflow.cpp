#include "reconcile/workspace_airflow.h"

#include <algorithm>

#include "reconcile/admission.h"
#include "render/airflow_env.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

template <class List>
auto of_workspace(const List& list, const ObjectKey& workspace) {
  List out;
  std::copy_if(list.begin(), list.end(), std::back_inserter(out),
               [&](const auto& one) { return one.workspace == workspace; });
  return out;
}

std::string and_more(std::size_t count) { return count < 2 ? "" : " (and " + std::to_string(count - 1) + " more)"; }

}  // namespace

std::optional<ConditionWords> airflow_words(const WorkspaceInput& input) {
  const api::Workspace& workspace = input.workspace;
  if (workspace.spec.airflow.extra_env.empty() || input.airflow == nullptr) return std::nullopt;
  if (admit(workspace, input.domain, input.tenant)) return std::nullopt;
  const ObjectKey key = workspace.metadata.key();
  const std::string field = "spec.airflow.extraEnv: ";
  if (const auto left_out = of_workspace(input.airflow->no_room, key); !left_out.empty()) {
    return ConditionWords{ConditionStatus::false_, "EnvTooLarge",
                          field + left_out.front().name + and_more(left_out.size()) +
                              " has no room: a workspace may have 32 KiB of names and values once variables are "
                              "replaced, and all of a DataDomain together 256 KiB"};
  }
  if (const auto clashes = of_workspace(input.airflow->clashes, key); !clashes.empty()) {
    const AirflowEnv::Clash& first = clashes.front();
    return ConditionWords{ConditionStatus::false_, "EnvConflict",
                          field + first.name + " does not count: Workspace \"" + first.holder.to_string() +
                              "\", which was here first, gives it another value" + and_more(clashes.size()) +
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
