#include <nlohmann/json.hpp>

#include "render/airflow_dag_ids.h"
#include "render/security.h"

namespace atelier::render {

using nlohmann::json;

bool asks_airflow(const api::DataDomain& domain) { return domain.spec.airflow && !domain.spec.airflow->image.empty(); }

json airflow_dag_ids(const api::Workspace& workspace, const api::DataDomain& domain) {
  const std::string folder = domain.spec.airflow->folder_of_dags();
  // No database and nothing of the image is written to. The official image has its packages in a home of its own.
  const json env =
      json::array({{{"name", "HOME"}, {"value", "/tmp"}},
                   {{"name", "AIRFLOW_HOME"}, {"value", "/tmp/airflow"}},
                   {{"name", "AIRFLOW__CORE__DAGS_FOLDER"}, {"value", folder}},
                   {{"name", "AIRFLOW__CORE__LOAD_EXAMPLES"}, {"value", "False"}},
                   {{"name", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"}, {"value", "sqlite:////tmp/airflow/airflow.db"}},
                   {{"name", "PYTHONDONTWRITEBYTECODE"}, {"value", "1"}},
                   {{"name", "PYTHONUSERBASE"}, {"value", "/home/airflow/.local"}}});
  return {
      {"name", kStepAirflowDagIds},
      {"image", domain.spec.airflow->image},
      {"imagePullPolicy", "IfNotPresent"},
      {"command", {"python3", "-c", std::string(kAirflowDagIds), folder + "/" + workspace.metadata.name, kAirflowDags}},
      {"env", env},
      {"volumeMounts",
       json::array(
           {{{"name", "staging"}, {"mountPath", folder}, {"subPath", domain.spec.key + "/dags"}, {"readOnly", true}},
            {{"name", "airflow"}, {"mountPath", "/tmp"}},
            {{"name", "dag-ids"}, {"mountPath", "/dag-ids"}}})},
      {"resources", {{"requests", {{"cpu", "10m"}, {"memory", "256Mi"}}}, {"limits", {{"memory", "2Gi"}}}}},
      {"securityContext", container_security(true)},
      {"terminationMessagePolicy", "FallbackToLogsOnError"}};
}

json airflow_dag_ids_volumes() {
  return json::array({{{"name", "airflow"}, {"emptyDir", {{"sizeLimit", "256Mi"}}}},
                      {{"name", "dag-ids"}, {"emptyDir", {{"sizeLimit", "16Mi"}}}}});
}

json airflow_dag_ids_mount() { return {{"name", "dag-ids"}, {"mountPath", "/dag-ids"}, {"readOnly", true}}; }

}  // namespace atelier::render
