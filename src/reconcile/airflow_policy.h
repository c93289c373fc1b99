// What to do about the environment of a DataDomain's Airflow: pure, one step at a time.
//
// Flow: noted in status.airflow -> ConfigMap made, or mended -> its hash in status -> restarts, see airflow_restart.
// Guarantees: a ConfigMap that is not this DataDomain's is never written; there is none that status does not name, so
// what leaves is taken out whoever leads; nothing is written from a cache that is older than the look; nothing is
// started anew that spec does not name or that does not take the ConfigMap, and nothing while the DataDomain is not
// Ready.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "reconcile/airflow_env.h"
#include "reconcile/airflow_record.h"
#include "reconcile/airflow_restart.h"
#include "reconcile/event_note.h"
#include "reconcile/refused_write.h"

namespace atelier::reconcile {

// Everything the decision reads; references are borrowed for the call.
struct AirflowInput {
  const api::DataDomain& domain;
  bool is_fresh = false;  // the cache it came from is as new as a live read of this look
  const AirflowEnv& env;
  Sight<EnvMapRecord> map = {};
  RefusedWrite map_refusal = {};
  std::vector<AirflowWorkload> workloads = {};  // those of spec, in order
  WallTime now;
};

struct AirflowDecision {
  bool look = false;  // at the ConfigMap and the workloads that are unknown
  std::optional<nlohmann::json> create_map;
  std::optional<nlohmann::json> mend_map;
  std::vector<WorkloadRestart> restarts;
  std::optional<WallTime> wake_at;
  std::vector<Note> notes;
};

// Sets airflow and the conditions AirflowEnv, AirflowCurrent and AirflowDags of `status`, which is to be written.
AirflowDecision decide_airflow(const AirflowInput& input, api::DataDomainStatus& status);

// Whether a ConfigMap with this EnvMapRecord::content is the rendered one; it may have labels of others.
bool holds_content(const nlohmann::json& content, const nlohmann::json& config_map);

std::vector<AirflowWorkload> workloads_of(const api::DataDomainSpec& spec);

}  // namespace atelier::reconcile
