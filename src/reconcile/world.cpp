#include "reconcile/world.h"

#include "atelier/api/codec.h"
#include "reconcile/admission.h"
#include "reconcile/run_start.h"
#include "reconcile/run_takeover.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

template <class Kind>
kube::Decoder<Kind> decoder() {
  return [](std::string_view text) -> Result<std::shared_ptr<const Kind>> {
    ATELIER_TRY(auto value, api::parse_text<Kind>(text));
    return std::make_shared<const Kind>(std::move(value));
  };
}

using Found = std::vector<std::string>;

kube::Decoder<TenantPartRecord> decoder_of(render::TenantPart part) {
  return [part](std::string_view text) { return decode_tenant_part(part, text); };
}

}  // namespace

World::World(WatchedNamespaces chosen)
    : watches(std::move(chosen)),
      tenants(api::BusinessDomain::kPlural, decoder<api::BusinessDomain>()),
      domains(api::DataDomain::kPlural, decoder<api::DataDomain>()),
      workspaces(api::Workspace::kPlural, decoder<api::Workspace>()),
      pipelines(api::Pipeline::kPlural, decoder<api::Pipeline>()),
      runs(api::PipelineRun::kPlural, decoder<api::PipelineRun>()),
      pods("pods", decode_pod),
      deployments("deployments", decode_deployment),
      revisions("controllerrevisions", decode_revision),
      approvals(api::Approval::kPlural, decode_approval),
      namespaces(kube::kNamespaces.plural, decode_namespace),
      quotas(kube::kResourceQuotas.plural, decoder_of(render::TenantPart::quota)),
      limits(kube::kLimitRanges.plural, decoder_of(render::TenantPart::limits)),
      policies(kube::kNetworkPolicies.plural, decoder_of(render::TenantPart::network)),
      bindings(kube::kRoleBindings.plural, decoder_of(render::TenantPart::access)),
      approval_policies(kube::kAdmissionPolicies.plural, decode_approval_policy),
      approval_bindings(kube::kAdmissionBindings.plural, decode_approval_binding) {
  if (!watches.all()) {
    for (const Watched& one : work()) one.cache->divide(watches.chosen);
  }
  tenants.add_index(kByNamespace,
                    [](const ObjectKey&, const api::BusinessDomain& tenant) { return tenant.spec.namespaces; });
  namespaces.add_index(kByTenant, [](const ObjectKey&, const NamespaceRecord& ns) {
    return ns.tenant().empty() ? Found{} : Found{ns.tenant()};
  });
  for (auto* store : {&quotas, &limits, &policies, &bindings}) {
    store->add_index(kByTenant, [](const ObjectKey&, const TenantPartRecord& part) {
      return part.tenant.empty() ? Found{} : Found{part.tenant};
    });
  }
  domains.add_index(kByTenant, [](const ObjectKey&, const api::DataDomain& domain) {
    return Found{domain.spec.business_domain.name};
  });
  domains.add_index(kByNamespace, [](const ObjectKey& key, const api::DataDomain&) { return Found{key.ns}; });
  workspaces.add_index(kByDomain, [](const ObjectKey&, const api::Workspace& workspace) {
    return Found{domain_key(workspace).to_string()};
  });
  workspaces.add_index(kByAirflow, [](const ObjectKey&, const api::Workspace& workspace) {
    return workspace.spec.airflow.extra_env.empty() ? Found{} : Found{domain_key(workspace).to_string()};
  });
  pipelines.add_index(kByWorkspace, [](const ObjectKey& key, const api::Pipeline& pipeline) {
    return Found{key.ns + "/" + pipeline.spec.workspace.name};
  });
  runs.add_index(kByPipeline, [](const ObjectKey& key, const api::PipelineRun& run) {
    return Found{key.ns + "/" + run.spec.pipeline.name};
  });
  runs.add_index(kByWorkspace, [](const ObjectKey& key, const api::PipelineRun& run) {
    return run.status.pin && !run.status.completion_time ? Found{key.ns + "/" + run.status.pin->workspace} : Found{};
  });
  runs.add_index(kByFormer, [](const ObjectKey& key, const api::PipelineRun& run) {
    const api::RunReference* former = former_of(run.spec);
    return former == nullptr ? Found{} : Found{key.ns + "/" + former->name};
  });
  runs.add_index(kUnfinished, [](const ObjectKey& key, const api::PipelineRun& run) {
    return is_over(run.status) ? Found{} : Found{key.ns};
  });
  workspaces.add_index(kByPlace, [](const ObjectKey& key, const api::Workspace& workspace) {
    Found found;
    for (const api::RunReference& place : workspace.status.places) found.push_back(key.ns + "/" + place.name);
    return found;
  });
  pods.add_index(kByRun, [](const ObjectKey& key, const PodRecord& pod) {
    // Anyone in the namespace can write labels: a task pod that names no run is not ours.
    return pod.component == render::kTask && !pod.run.empty() ? Found{key.ns + "/" + pod.run} : Found{};
  });
  pods.add_index(kByNamespace, [](const ObjectKey& key, const PodRecord& pod) {
    return pod.component == render::kPublish ? Found{key.ns} : Found{};
  });
  pods.add_index(kByWorkspace, [](const ObjectKey& key, const PodRecord& pod) {
    return pod.component == render::kContainers ? Found{key.ns + "/" + pod.workspace} : Found{};
  });
  approvals.add_index(kByRun, [](const ObjectKey& key, const ApprovalRecord& approval) {
    return Found{key.ns + "/" + approval.given.spec.run.name};
  });
}

std::vector<engine::GivenApproval> World::approvals_of(const ObjectKey& run) const {
  std::vector<engine::GivenApproval> out;
  for (const auto& approval : approvals.objects_of(kByRun, run.to_string())) {
    if (!approval->withdrawn) out.push_back(approval->given);
  }
  return out;
}

engine::ApprovalGuard World::approval_guard() const {
  if (!watches.all()) return unseen_approval_guard();
  if (!approval_policies.synced() || !approval_bindings.synced()) return unknown_approval_guard();
  const ObjectKey name{"", kApprovalPolicy};
  return reconcile::approval_guard(approval_policies.get(name).get(), approval_bindings.get(name).get());
}

std::vector<World::Watched> World::work() {
  const auto own = [](kube::Resource resource) { return kube::Scope{std::move(resource), "", "", ""}; };
  const auto made = [](kube::Resource resource) {
    return kube::Scope{std::move(resource), "", render::kManagedSelector, ""};
  };
  return {{&domains, own(resource_of<api::DataDomain>())},
          {&workspaces, own(resource_of<api::Workspace>())},
          {&pipelines, own(resource_of<api::Pipeline>())},
          {&runs, own(resource_of<api::PipelineRun>())},
          {&pods, made(kube::kPods)},
          {&deployments, made(kube::kDeployments)},
          {&revisions, kube::Scope{kube::kControllerRevisions, "", render::kRevisionSelector, ""}},
          {&approvals, own(resource_of<api::Approval>())}};
}

std::vector<World::Watched> World::watched() {
  std::vector<Watched> out;
  if (!watches.all()) {
    for (const Watched& one : work()) {
      for (const std::string& ns : watches.chosen) {
        out.push_back(one);
        out.back().scope.ns = ns;
      }
    }
    return out;
  }
  const auto set = [](kube::Resource resource) {
    return kube::Scope{std::move(resource), "", render::kTenancySelector, ""};
  };
  const auto guard = [](kube::Resource resource) {
    return kube::Scope{std::move(resource), "", "", std::string("metadata.name=") + kApprovalPolicy};
  };
  out.push_back({&tenants, kube::Scope{resource_of<api::BusinessDomain>(), "", "", ""}});
  for (Watched& one : work()) out.push_back(std::move(one));
  for (Watched& one : std::vector<Watched>{{&namespaces, kube::Scope{kube::kNamespaces, "", "", ""}},
                                           {&quotas, set(kube::kResourceQuotas)},
                                           {&limits, set(kube::kLimitRanges)},
                                           {&policies, set(kube::kNetworkPolicies)},
                                           {&bindings, set(kube::kRoleBindings)},
                                           {&approval_policies, guard(kube::kAdmissionPolicies)},
                                           {&approval_bindings, guard(kube::kAdmissionBindings)}}) {
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<kube::Cache*> World::caches() {
  std::vector<kube::Cache*> out{&domains, &workspaces, &pipelines, &runs, &pods, &deployments, &revisions, &approvals};
  if (!watches.all()) return out;
  out.insert(out.begin(), &tenants);
  out.insert(out.end(), {&namespaces, &quotas, &limits, &policies, &bindings});
  return out;
}

bool World::synced() const {
  return (tenants.synced() || !watches.all()) && domains.synced() && workspaces.synced() && pipelines.synced() &&
         runs.synced() && pods.synced() && deployments.synced() && revisions.synced() && approvals.synced();
}

bool World::tenancy_synced() const {
  return namespaces.synced() && quotas.synced() && limits.synced() && policies.synced() && bindings.synced();
}

}  // namespace atelier::reconcile
