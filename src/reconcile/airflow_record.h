// What of an Airflow the operator reads: the ConfigMap it made, and what takes that. Always live: there is no cache.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "atelier/base/ids.h"
#include "atelier/base/result.h"

namespace atelier::reconcile {

struct EnvMapRecord {
  Uid uid;
  std::string resource_version;
  Uid owner;  // its controller's uid
  bool deleting = false;
  nlohmann::json content;  // its labels and all that it holds
};

// How the containers of a workload see the domain's storage.
struct DagMounts {
  bool any = false;
  // Mounts out of which the links in <key>/dags lead, as in `container "web" mounts its subPath dd01/dags`.
  std::vector<std::string> dangling;
};

// A Deployment or StatefulSet.
struct WorkloadRecord {
  Uid uid;
  bool takes_env = false;   // one of its containers has variables of the ConfigMap
  std::string env_hash;     // that its pods were started for
  bool rolled_out = false;  // as kubectl rollout status has it
  std::string resource_version = {};
  bool rolling = false;                   // pods are being replaced; one that is merely not ready is none of them
  std::string held = {};                  // why a changed template replaces no pods by itself
  std::vector<std::string> lacking = {};  // containers that do not take it
  DagMounts dags = {};
};

// Of what a live read shows.
template <class Record>
struct Sight {
  enum class State { unknown, absent, refused, there };

  State state = State::unknown;
  Record record;      // when there
  std::string words;  // the server's, when refused

  bool is(State wanted) const { return state == wanted; }
};

EnvMapRecord env_map_record(const nlohmann::json& config_map);
WorkloadRecord workload_record(const nlohmann::json& workload, const std::string& config_map);
DagMounts dag_mounts(const nlohmann::json& workload, const api::DataDomainSpec& domain);

}  // namespace atelier::reconcile
