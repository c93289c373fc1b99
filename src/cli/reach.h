// Whether registries and Airflow are reached, from what the operator and the nodes met: it is their network that
// counts, not that of who asks. Pure.
#pragma once

#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "cli/checkup.h"

namespace atelier::cli {

// One for each registry that the Workspaces name.
std::vector<Checked> check_registries(const std::vector<api::Workspace>& workspaces);
// Of a DataDomain with spec.airflow: whether its Airflow takes the variables of the Workspaces.
Checked check_airflow(const api::DataDomain& domain);
// Of a Deployment or StatefulSet of Airflow.
Checked check_airflow_workload(const std::string& kind, const ObjectKey& key, const Answer& workload);

}  // namespace atelier::cli
