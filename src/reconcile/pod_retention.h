// Pods of attempts that have ended are deleted when they are old or too many, also while their run goes on.
//
// Guarantees: a pod goes no earlier than 90 s after its end, and then spec.history.podAge of the plan that its run is
// pinned to, unless the run has more than podsPerRun that have ended: of those the ones that succeeded go first, and
// the oldest of them. A tenth more may be there, so that many are counted seldom. It goes only once our finalizer is
// off it and the committed ledger holds the attempt's end: to the engine such a pod is no loss, and no name that it may
// use again. (After `atelier uninstall` a pod can lack the one without the other.) Caveats: a pod whose run or revision
// is not known is left alone, as is one whose name is not that of its attempt.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "atelier/engine/ledger.h"
#include "atelier/kube/plan.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

// When a task's pod is due, which was first seen to have ended at `seen`: by the end of its containers or, where nobody
// knows that, by its creation. Empty: it has not ended, its outcome is not committed yet, or it is being deleted.
std::optional<WallTime> pod_due(const PodRecord& pod, Millis pod_age, WallTime seen);

// Keys are pods.
class PodRetention final : public kube::Reconciler {
 public:
  explicit PodRetention(const World& world) : world_(world) {}  // borrowed
  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  // Of the pod's run, borrowed from the cache; null when it is not known.
  std::shared_ptr<const api::History> history_of(const PodRecord& pod) const;
  // Deletes what the run of this pod, one that has ended, has too many of.
  void limit(kube::Plan& plan, const PodRecord& pod, std::int64_t most, WallTime now);

  bool is_committed(const PodRecord& pod);

  const World& world_;
  std::string state_;  // of the run that was looked at last, and what it says: a fan-out's pods are due together
  engine::Ledger ledger_;
  std::map<ObjectKey, std::pair<Uid, WallTime>> seen_;  // when pods that have ended without saying when were first seen
};

// Whether PodRetention may have something to do about a pod.
bool concerns_retention(const PodRecord& pod);

}  // namespace atelier::reconcile
