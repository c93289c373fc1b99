// PipelineRuns: caches in, plan out.
//
// Flow: start (run_start.h: revision and mark, then pin) -> engine::decide on every change of the run or its pods,
// its actions as writes -> over: only what is left behind.
// Guarantees: a pod is created only for a pinned run whose revision is known; a finalizer is taken off only after
// its outcome is committed, after a live GET says that the run is gone or another, or when both run and pod are being
// deleted; and not while another create of the pod may be on its way (late_creates.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "atelier/kube/plan.h"
#include "reconcile/late_creates.h"
#include "reconcile/run_memory.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class RunReconciler final : public kube::Reconciler {
 public:
  // Borrows the world, and hears of its pods as long as that lives: it must not change after this is gone. Borrows
  // `late`, which it tells the answers to creates.
  // `stage_image` holds the static atelier-stage.
  RunReconciler(World& world, LateCreates& late, std::string stage_image);
  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  using Pods = std::vector<std::shared_ptr<const PodRecord>>;

  Pods pods_of(const api::PipelineRun& run) const;
  void pod_changed(const kube::Change<PodRecord>& change);
  bool strays(kube::Plan& plan, const ObjectKey& key, const Uid& run, const kube::Feedback& feedback) const;
  void clear(kube::Plan& plan, const api::PipelineRun& run) const;
  void start(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory, const kube::Feedback& feedback,
             WallTime now) const;
  void proceed(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory, const RunMemory::News& news,
               WallTime now) const;
  std::string why_withheld(const api::PipelineRun& run) const;
  // Why the run cannot go on; without a reason: it waits for answers.
  struct Hindrance {
    std::string reason, message;
  };
  std::optional<Hindrance> tell(kube::Plan& plan, const api::PipelineRun& run,
                                const std::shared_ptr<const RevisionRecord>& revision, RunMemory& memory,
                                const RunMemory::News& news) const;
  std::optional<Hindrance> load(kube::Plan& plan, const api::PipelineRun& run, const engine::Ledger& committed,
                                RunMemory& memory, engine::Execution& execution) const;
  void stuck(kube::Plan& plan, const api::PipelineRun& run, const std::string& reason, const std::string& message,
             WallTime now) const;

  const World& world_;
  LateCreates& late_;
  std::string stage_image_;
  std::map<ObjectKey, RunMemory> memory_;
};

}  // namespace atelier::reconcile
