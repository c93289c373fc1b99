#include "api/findings.h"
#include "api/pod_check.h"
#include "api/tenancy_check.h"

namespace atelier::api {

namespace {

void profiles(Findings& found, const BusinessDomainSpec& spec) {
  const std::string path = "spec.profiles";
  if (spec.profiles.size() > Profile::kMost) {
    found.add("InvalidValue", path, "are too many; give at most " + std::to_string(Profile::kMost));
  }
  found.unique(spec.profiles, path);
  std::string names;
  bool known = spec.default_profile.empty() || find_seed_profile(spec.default_profile) != nullptr;
  for (std::size_t i = 0; i < spec.profiles.size(); ++i) {
    const std::string& name = spec.profiles[i].name;
    found.dns_label(name, at(path, i) + ".name");
    known = known || name == spec.default_profile;
    names += name + ", ";
  }
  if (known) return;
  found.add("UnknownProfile", "spec.defaultProfile",
            "\"" + spec.default_profile + "\" is no profile; there are " + names +
                "tiny, small, medium and large, and spec.profiles can have more");
}

}  // namespace

Violations validate(const BusinessDomainSpec& spec) {
  Findings found;
  found.namespaces(spec.namespaces, "spec.namespaces");
  profiles(found, spec);
  check_tenant_grants(found, spec);
  check_tenancy(found, spec);
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
