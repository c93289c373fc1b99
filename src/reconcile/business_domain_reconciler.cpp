#include "reconcile/business_domain_reconciler.h"

#include <algorithm>

#include "reconcile/admission.h"
#include "reconcile/tenant_holder.h"
#include "reconcile/writes.h"

namespace atelier::reconcile {
namespace {

using Kind = TenancyWrite::Kind;

const kube::Resource& stored_as(render::TenantPart part) {
  switch (part) {
    case render::TenantPart::quota:
      return kube::kResourceQuotas;
    case render::TenantPart::limits:
      return kube::kLimitRanges;
    case render::TenantPart::network:
      return kube::kNetworkPolicies;
    case render::TenantPart::access:
      break;
  }
  return kube::kRoleBindings;
}

http::Request request(const TenancyWrite& write) {
  switch (write.kind) {
    case Kind::label:
    case Kind::give_up:
      return kube::apply(kube::kNamespaces, write.key, write.body, render::kTenancyFieldManager);
    case Kind::unlabel:
      return kube::merge_patch(kube::kNamespaces, write.key, write.body);
    case Kind::apply:
      return kube::apply(stored_as(write.part), write.key, write.body, render::kTenancyFieldManager);
    case Kind::mend:
      return kube::merge_patch(stored_as(write.part), write.key, write.body);
    case Kind::remove:
      break;
  }
  kube::DeleteOptions options;
  options.uid = write.uid;
  options.resource_version = write.resource_version;
  return kube::delete_(stored_as(write.part), write.key, options);
}

kube::Write written(const TenancyWrite& write) {
  const bool of_namespace = write.kind == Kind::label || write.kind == Kind::give_up || write.kind == Kind::unlabel;
  return {write.id, request(write), (of_namespace ? kube::kNamespaces : stored_as(write.part)).plural, write.key};
}

// Of the server or on the way to it; what another writer was faster to do is none.
bool is_failure(const Result<nlohmann::json>& answer) {
  if (answer) return false;
  const Errc code = answer.error().code;
  return code == Errc::server || code == Errc::transport || code == Errc::throttled || code == Errc::unauthorized;
}

}  // namespace

kube::Plan BusinessDomainReconciler::reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) {
  kube::Plan plan;
  const auto tenant = world_.tenants.get(key);
  Memory& memory = memory_[key];
  memory.reads.learn(feedback);
  for (auto& [id, refusal] : memory.refusals) refusal.learn(feedback.find(id), now);

  TenancyInput input{.name = key.name, .tenant = tenant.get(), .now = now};
  input.operator_namespace = world_.operator_namespace;
  input.refusals = memory.refusals;
  for (const auto& [id, answer] : feedback.results) {
    if (is_failure(answer)) input.failures[id] = answer.error().message;
  }
  observe(input);
  const TenancyDecision decision = decide(input);

  if (tenant != nullptr) {
    if (auto write = write_status(*tenant, decision.status)) plan.writes.push_back(std::move(*write));
    plan.events = events_of(*tenant, decision.notes);
  }
  const bool takes_away = std::any_of(decision.writes.begin(), decision.writes.end(),
                                      [](const TenancyWrite& write) { return write.takes_away(); });
  const bool sure = takes_away && memory.reads.fresh(plan, resource_of<api::BusinessDomain>(), key,
                                                     tenant == nullptr ? "" : tenant->metadata.resource_version);
  if (!takes_away || sure) memory.reads = {};  // what is taken away later is asked about again
  std::map<std::string, RefusedWrite> refusals;
  for (const std::string& id : decision.refused) refusals[id] = memory.refusals[id];
  for (const TenancyWrite& write : decision.writes) {
    if (write.takes_away() && !sure) continue;
    refusals.try_emplace(write.id, RefusedWrite{}).first->second.asking(content_hash(write));
    plan.writes.push_back(written(write));
  }
  memory.refusals = std::move(refusals);
  plan.requeue_after = wait_until(decision.wake_at, now);
  if (tenant == nullptr && plan.writes.empty() && !plan.requeue_after) memory_.erase(key);
  return plan;
}

void BusinessDomainReconciler::observe(TenancyInput& input) const {
  const auto note = [&](const std::string& ns) {
    if (auto found = world_.namespaces.get({"", ns})) input.namespaces.try_emplace(ns, std::move(found));
    const auto* holder = holder_of(world_.tenants.objects_of(kByNamespace, ns));
    if (holder != nullptr) input.holders[ns] = holder->metadata.name;
  };
  if (input.tenant != nullptr) {
    for (const std::string& ns : input.tenant->spec.namespaces) note(ns);
    for (const auto& domain : world_.domains.objects_of(kByTenant, input.name)) {
      if (admit(*domain, tenant_of(world_, *domain).get())) continue;
      ++input.data_domains;
      input.workspaces += domain->status.workspaces;
    }
  }
  for (const auto& found : world_.namespaces.objects_of(kByTenant, input.name)) note(found->name);
  for (const auto* store : {&world_.quotas, &world_.limits, &world_.policies, &world_.bindings}) {
    for (auto& part : store->objects_of(kByTenant, input.name)) {
      note(part->key.ns);
      input.parts.push_back(std::move(part));
    }
  }
}

}  // namespace atelier::reconcile
