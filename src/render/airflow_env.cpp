#include "render/airflow_env.h"

#include <nlohmann/json.hpp>

#include "atelier/base/digest.h"
#include "render/labels.h"

namespace atelier::render {

using nlohmann::json;

std::string airflow_env_name(const std::string& data_domain) { return data_domain + "-airflow-env"; }

std::string airflow_env_hash(const std::map<std::string, std::string>& variables) {
  return sha256_hex(json(variables).dump());
}

json airflow_env(const api::DataDomain& domain, const std::map<std::string, std::string>& variables) {
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata",
           {{"name", airflow_env_name(domain.metadata.name)},
            {"namespace", domain.metadata.ns},
            {"labels", {{kManagedBy, kManager}, {kComponent, kAirflowEnv}, {kDataDomain, domain.metadata.name}}},
            {"ownerReferences", json::array({{{"apiVersion", api::kApiVersion},
                                              {"kind", api::DataDomain::kKind},
                                              {"name", domain.metadata.name},
                                              {"uid", domain.metadata.uid.value},
                                              {"controller", true},
                                              {"blockOwnerDeletion", true}}})}}},
          {"data", variables}};
}

}  // namespace atelier::render
