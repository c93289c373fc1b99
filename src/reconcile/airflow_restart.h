// Whether what spec.airflow.restart names is started anew for the environment that Airflow has now: pure.
//
// Flow: quiet for a while, and the last restart long enough ago -> noted in status.airflow.restarts -> the pod template
// patched to bear the hash -> seen there -> all pods replaced.
// Guarantees: one rollout for each content, also when somebody takes the hash off again, and also over restarts of the
// operator; who changes the content all the time neither keeps Airflow restarting nor keeps it from that.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "reconcile/airflow_record.h"
#include "reconcile/refused_write.h"
#include "reconcile/status_conditions.h"

namespace atelier::reconcile {

// One that spec.airflow.restart names, and what is seen of it.
struct AirflowWorkload {
  bool stateful = false;
  std::string name;
  Sight<WorkloadRecord> seen = {};
  RefusedWrite refusal = {};

  std::string kind() const { return stateful ? "StatefulSet" : "Deployment"; }
  // As in "Deployment web".
  std::string to_string() const { return kind() + " " + name; }
};

struct WorkloadRestart {
  std::size_t workload;  // of the input
  nlohmann::json patch;
};

// References are borrowed for the call. REQUIRES status.airflow, and that it has `hash`.
struct RestartInput {
  const api::DataDomain& domain;
  const std::vector<AirflowWorkload>& workloads;
  const std::string& config_map;
  const std::string& hash;
  WallTime now;
};

struct RestartDecision {
  std::vector<WorkloadRestart> restarts;
  std::optional<ConditionWords> words;  // of AirflowCurrent; nothing: what is said stays
  std::optional<WallTime> wake_at;
};

// Sets in `noted`, which is to be written, what is begun and seen.
RestartDecision decide_restarts(const RestartInput& input, api::AirflowEnvironment& noted);

std::string and_more(std::size_t count);

}  // namespace atelier::reconcile
