// DataDomains: caches in, plan out. What to do is decided in data_domain_policy and airflow_policy.
#pragma once

#include <map>
#include <string>

#include "atelier/kube/plan.h"
#include "reconcile/airflow_look.h"
#include "reconcile/refused_write.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class DataDomainReconciler final : public kube::Reconciler {
 public:
  // `world` is borrowed. `stage_image` holds the static atelier-stage.
  DataDomainReconciler(const World& world, std::string stage_image)
      : world_(world), stage_image_(std::move(stage_image)), airflow_(world) {}

  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  const World& world_;
  std::string stage_image_;
  std::map<ObjectKey, RefusedWrite> refusals_;  // of sweep pods
  AirflowLook airflow_;
};

}  // namespace atelier::reconcile
