// Who may refer to whom across namespaces: always granted by the owner of what is referred to.
#pragma once

#include <optional>
#include <string>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

// A reason a reference does not hold; the words say what to do.
struct Refusal {
  std::string reason;
  std::string message;

  bool operator==(const Refusal&) const = default;
};

// `tenant` is null when it does not exist. Empty: admitted.
std::optional<Refusal> admit(const api::DataDomain& domain, const api::BusinessDomain* tenant);
std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain);
// The workspace by its domain, and that by its tenant.
std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain,
                             const api::BusinessDomain* tenant);

// Whether the DataDomain is where the operator cannot look for it.
std::optional<Refusal> beyond_sight(const api::Workspace& workspace, const WatchedNamespaces& watches);
// That first: of a DataDomain beyond sight nothing else can be said.
std::optional<Refusal> admit(const api::Workspace& workspace, const api::DataDomain* domain,
                             const api::BusinessDomain* tenant, const WatchedNamespaces& watches);

// In place of a BusinessDomain that the operator may not see: owns the DataDomain's namespace and grants nothing.
api::BusinessDomain stand_in_tenant(const api::DataDomain& domain);
bool is_stand_in(const api::BusinessDomain& tenant);

// The DataDomain that a Workspace refers to; its own namespace when it names none.
ObjectKey domain_key(const api::Workspace& workspace);

}  // namespace atelier::reconcile
