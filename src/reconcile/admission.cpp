#include "reconcile/admission.h"

#include <algorithm>

namespace atelier::reconcile {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

std::optional<Refusal> beyond_sight(const api::Workspace& workspace, const WatchedNamespaces& watches) {
  const std::string ns = domain_key(workspace).ns;
  if (watches.contains(ns)) return std::nullopt;
  return Refusal{"NamespaceNotWatched", "spec.dataDomain: this operator does not watch the namespace \"" + ns +
                                            "\"; name a DataDomain in one that it watches, or let its administrator "
                                            "add this one to --watch-namespaces, with a Role there"};
}

api::BusinessDomain stand_in_tenant(const api::DataDomain& domain) {
  api::BusinessDomain tenant;
  tenant.metadata.name = domain.spec.business_domain.name;
  tenant.spec.namespaces = {domain.metadata.ns};
  return tenant;
}

// What the API server stored has a uid.
bool is_stand_in(const api::BusinessDomain& tenant) { return tenant.metadata.uid.empty(); }

ObjectKey domain_key(const api::Workspace& workspace) {
  const api::NamespacedReference& to = workspace.spec.data_domain;
  return {to.ns.empty() ? workspace.metadata.ns : to.ns, to.name};
}

std::optional<Refusal> admit(const api::DataDomain& domain, const api::BusinessDomain* tenant) {
  const std::string& name = domain.spec.business_domain.name;
  if (tenant == nullptr) {
    return Refusal{"BusinessDomainNotFound", "spec.businessDomain.name: there is no BusinessDomain \"" + name +
                                                 "\"; create it or correct the name"};
  }
  if (!contains(tenant->spec.namespaces, domain.metadata.ns)) {
    return Refusal{"NotAdmitted", "BusinessDomain \"" + name + "\" does not own the namespace \"" + domain.metadata.ns +
                                      "\"; its admin can add it to spec.namespaces, unless it is the cluster's, the "
                                      "operator's or that of an older BusinessDomain"};
  }
  return std::nullopt;
}

std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain) {
  const ObjectKey key = domain_key(workspace);
  if (domain == nullptr) {
    return Refusal{"DataDomainNotFound", "spec.dataDomain: there is no DataDomain \"" + key.name +
                                             "\" in namespace \"" + key.ns + "\"; create it or correct the reference"};
  }
  const std::string& ns = workspace.metadata.ns;
  if (ns == domain->metadata.ns) {
    if (domain->spec.colocated) return std::nullopt;
    return Refusal{"NotAdmitted", "\"" + ns +
                                      "\" is the storage namespace: whoever may create pods there owns all of the "
                                      "storage; move the Workspace to a namespace of its team, or set "
                                      "spec.colocated of the DataDomain if all its teams trust each other"};
  }
  if (!contains(domain->spec.workspace_namespaces, ns)) {
    return Refusal{"NotAdmitted", "DataDomain \"" + key.to_string() + "\" does not admit the namespace \"" + ns +
                                      "\"; its owner can add it to spec.workspaceNamespaces"};
  }
  return std::nullopt;
}

std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain,
                             const api::BusinessDomain* tenant) {
  if (auto refusal = admit(workspace, domain)) return refusal;
  return admit(*domain, tenant);
}

std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain,
                             const api::BusinessDomain* tenant, const WatchedNamespaces& watches) {
  if (auto refusal = beyond_sight(workspace, watches)) return refusal;
  return admit(workspace, domain, tenant);
}

}  // namespace atelier::reconcile
