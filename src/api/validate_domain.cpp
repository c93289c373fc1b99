#include "api/findings.h"
#include "api/pod_check.h"

namespace atelier::api {

Violations validate(const BusinessDomainSpec& spec) {
  Findings found;
  found.namespaces(spec.namespaces, "spec.namespaces");
  found.profile(spec.default_profile, "spec.defaultProfile");
  check_tenant_grants(found, spec);
  return found.take();
}

Violations validate(const DataDomainSpec& spec) {
  Findings found;
  found.dns_label(spec.key, "spec.key");
  found.reference(spec.business_domain.name, "spec.businessDomain.name", "the BusinessDomain it belongs to");
  found.reference(spec.storage.claim_name, "spec.storage.claimName", "a PersistentVolumeClaim of this namespace");
  found.namespaces(spec.workspace_namespaces, "spec.workspaceNamespaces");
  found.pull_secrets(spec.pull_secrets, "spec.pullSecrets");
  return found.take();
}

}  // namespace atelier::api
