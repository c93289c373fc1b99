// The container that asks the domain's Airflow which DAGs it finds in what a publish pod has staged.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"

namespace atelier::render {

inline constexpr const char* kStepAirflowDagIds = "airflow-dag-ids";
inline constexpr const char* kAirflowDags = "/dag-ids/found.json";  // the answer

extern const char kAirflowDagIds[];  // the program, airflow_dag_ids.py

bool asks_airflow(const api::DataDomain& domain);

// REQUIRES: asks_airflow(domain). The volume `staging` has the files in <key>/dags/<workspace>.
nlohmann::json airflow_dag_ids(const api::Workspace& workspace, const api::DataDomain& domain);
nlohmann::json airflow_dag_ids_volumes();
nlohmann::json airflow_dag_ids_mount();  // of the answer, to be read

}  // namespace atelier::render
