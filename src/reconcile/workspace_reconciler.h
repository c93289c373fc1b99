// Workspaces: caches in, plan out. What to do is decided in workspace_policy.
#pragma once

#include <map>
#include <string>

#include "atelier/kube/plan.h"
#include "reconcile/airflow_envs.h"
#include "reconcile/image_questions.h"
#include "reconcile/start_events.h"
#include "reconcile/workspace_policy.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class WorkspaceReconciler final : public kube::Reconciler {
 public:
  // `world` and `poller` are borrowed; without a poller no image is followed. `stage_image` holds the static
  // atelier-stage.
  WorkspaceReconciler(const World& world, std::string stage_image, registry::Poller* poller = nullptr)
      : world_(world), stage_image_(std::move(stage_image)), questions_(poller) {}

  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  const World& world_;
  std::string stage_image_;
  ImageQuestions questions_;
  std::map<ObjectKey, WorkspaceRefusals> refusals_;
  std::map<ObjectKey, StartEvents> starts_;  // of publish pods
  AirflowEnvs airflow_;
};

}  // namespace atelier::reconcile
