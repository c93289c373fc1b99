// The rules of what a BusinessDomain sets in its namespaces.
#pragma once

#include "api/findings.h"
#include "atelier/api/business_domain.h"

namespace atelier::api {

void check_tenancy(Findings& found, const BusinessDomainSpec& spec);

}  // namespace atelier::api
