// Whose word counts for a DataDomain: its BusinessDomain's, as far as that holds namespaces.
#pragma once

#include <memory>

#include "reconcile/world.h"

namespace atelier::reconcile {

// The BusinessDomain that the DataDomain names, for admit(): without the DataDomain's namespace where that is reserved
// or an older one's. Null: there is none. Where the operator watches chosen namespaces only, whoever chose them says
// whose they are: a stand_in_tenant() for each.
std::shared_ptr<const api::BusinessDomain> tenant_of(const World& world, const api::DataDomain& domain);

}  // namespace atelier::reconcile
