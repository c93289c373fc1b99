// Reads and writes for the environment of a DataDomain's Airflow: what to do is decided in airflow_policy. Each look
// reads the DataDomain, the ConfigMap and what is to be restarted, so that somebody's change is seen without a watch,
// and a new leader's old cache for what it is.
#pragma once

#include <map>
#include <string>

#include "atelier/kube/plan.h"
#include "reconcile/airflow_policy.h"
#include "reconcile/live_reads.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class AirflowLook {
 public:
  // `world` is borrowed.
  explicit AirflowLook(const World& world) : world_(world) {}

  // Adds to `plan`; sets in `status` what is to be written.
  AirflowDecision step(kube::Plan& plan, const api::DataDomain& domain, const api::BusinessDomain* tenant,
                       const kube::Feedback& feedback, WallTime now, api::DataDomainStatus& status);
  void forget(const ObjectKey& domain) { memory_.erase(domain); }

 private:
  struct Memory {
    Sight<EnvMapRecord> map;
    RefusedWrite map_refusal;
    nlohmann::json asked_map;                          // as it was rendered for the last write
    LiveReads reads;                                   // of the DataDomain
    std::map<std::string, AirflowWorkload> workloads;  // by AirflowWorkload::to_string()
  };

  static void learn(Memory& memory, const kube::Feedback& feedback, const api::DataDomain& domain, WallTime now);

  const World& world_;
  std::map<ObjectKey, Memory> memory_;
};

}  // namespace atelier::reconcile
