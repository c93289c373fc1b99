// The ConfigMap with the variables that all workspaces of a DataDomain give to its Airflow.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "atelier/api/data_domain.h"

namespace atelier::render {

std::string airflow_env_name(const std::string& data_domain);
std::string airflow_env_hash(const std::map<std::string, std::string>& variables);
nlohmann::json airflow_env(const api::DataDomain& domain, const std::map<std::string, std::string>& variables);

}  // namespace atelier::render
