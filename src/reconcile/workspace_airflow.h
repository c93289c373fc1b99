// What a Workspace says of its variables in the environment of its domain's Airflow: pure.
#pragma once

#include <optional>

#include "reconcile/status_conditions.h"
#include "reconcile/workspace_policy.h"

namespace atelier::reconcile {

// Of the condition AirflowEnv; nothing where it gives none, or is not admitted.
std::optional<ConditionWords> airflow_words(const WorkspaceInput& input);

}  // namespace atelier::reconcile
