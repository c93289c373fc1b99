#include "reconcile/tenant_holder.h"

#include "reconcile/admission.h"
#include "reconcile/tenant_policy.h"

namespace atelier::reconcile {

std::shared_ptr<const api::BusinessDomain> tenant_of(const World& world, const api::DataDomain& domain) {
  if (!world.watches.all()) {
    return std::make_shared<api::BusinessDomain>(stand_in_tenant(domain));
  }
  auto named = world.tenants.get({"", domain.spec.business_domain.name});
  if (named == nullptr) return nullptr;
  const std::string& ns = domain.metadata.ns;
  const api::BusinessDomain* holder = holder_of(world.tenants.objects_of(kByNamespace, ns));
  const bool holds = holder != nullptr && holder->metadata.uid == named->metadata.uid;
  if (holds && !is_reserved(ns, world.operator_namespace)) return named;
  auto without = std::make_shared<api::BusinessDomain>(*named);
  std::erase(without->spec.namespaces, ns);
  return without;
}

}  // namespace atelier::reconcile
