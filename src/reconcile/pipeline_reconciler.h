// Pipelines: caches in, plan out. A status, and the end of old runs.
#pragma once

#include "atelier/kube/plan.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class PipelineReconciler final : public kube::Reconciler {
 public:
  explicit PipelineReconciler(const World& world) : world_(world) {}  // borrowed
  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  const World& world_;
};

}  // namespace atelier::reconcile
