// BusinessDomains: caches in, plan out. What to do is decided in tenant_policy. A key whose BusinessDomain is gone
// stands for what still bears its name.
#pragma once

#include <map>
#include <string>

#include "atelier/kube/plan.h"
#include "reconcile/live_reads.h"
#include "reconcile/refused_write.h"
#include "reconcile/tenant_policy.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

class BusinessDomainReconciler final : public kube::Reconciler {
 public:
  // `world` is borrowed.
  explicit BusinessDomainReconciler(const World& world) : world_(world) {}

  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) override;

 private:
  struct Memory {
    std::map<std::string, RefusedWrite> refusals;  // by TenancyWrite::id
    LiveReads reads;                               // before something is taken away
  };

  void observe(TenancyInput& input) const;

  const World& world_;
  std::map<ObjectKey, Memory> memory_;
};

}  // namespace atelier::reconcile
