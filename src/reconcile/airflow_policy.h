// What to do about the environment of a DataDomain's Airflow: pure, one step at a time.
//
// Flow: noted in status.airflow -> ConfigMap made, or mended -> its hash in status -> after a while without another
// change, the pod templates that spec.airflow.restart names bear that hash, which is one rollout for each content.
// Guarantees: a ConfigMap that is not this DataDomain's is never written; there is none that status does not name, so
// what leaves is taken out whoever leads; nothing is started anew that spec does not name or that does not take the
// ConfigMap.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "reconcile/airflow_env.h"
#include "reconcile/airflow_record.h"
#include "reconcile/event_note.h"
#include "reconcile/refused_write.h"

namespace atelier::reconcile {

// One that spec.airflow.restart names, and what is seen of it.
struct AirflowWorkload {
  bool stateful = false;
  std::string name;
  Sight<WorkloadRecord> seen = {};
  RefusedWrite refusal = {};

  // As in "Deployment web".
  std::string to_string() const { return (stateful ? "StatefulSet " : "Deployment ") + name; }
};

// Everything the decision reads; references are borrowed for the call.
struct AirflowInput {
  const api::DataDomain& domain;
  bool any_variables = false;  // in the spec of a workspace, admitted or not
  const AirflowEnv& env;
  Sight<EnvMapRecord> map = {};
  RefusedWrite map_refusal = {};
  std::vector<AirflowWorkload> workloads = {};  // those of spec, in order
  WallTime now;
};

struct AirflowDecision {
  struct Restart {
    std::size_t workload;  // of the input
    nlohmann::json patch;
  };

  bool look = false;  // at the ConfigMap and the workloads that are unknown
  std::optional<nlohmann::json> create_map;
  std::optional<nlohmann::json> mend_map;
  std::vector<Restart> restarts;
  std::optional<WallTime> wake_at;
  std::vector<Note> notes;
};

// Sets airflow and the conditions AirflowEnv and AirflowCurrent of `status`, which is to be written.
AirflowDecision decide_airflow(const AirflowInput& input, api::DataDomainStatus& status);

std::vector<AirflowWorkload> workloads_of(const api::DataDomainSpec& spec);

}  // namespace atelier::reconcile
