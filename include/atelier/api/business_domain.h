// BusinessDomain: a tenant. Cluster-scoped.
#pragma once

#include "atelier/api/pod_fields.h"
#include "atelier/api/profile.h"
#include "atelier/api/shared_types.h"
#include "atelier/api/tenancy.h"

namespace atelier::api {

struct BusinessDomainSpec {
  std::string display_name;               // for people; shown by kubectl get
  std::vector<std::string> namespaces;    // the tenant's: only these may hold its DataDomains
  std::string default_profile = "small";  // of workspaces that name none
  std::vector<Profile> profiles;          // besides the seeds, or in place of one of the same name
  // What could take room from other tenants: tasks may have none but these.
  std::vector<std::string> allowed_priority_classes;
  std::vector<TaintGrant> allowed_tolerations;
  std::optional<TenantQuota> quota;
  std::optional<TenantLimits> limits;
  std::optional<TenantNetwork> network;  // absent: the operator makes no network policy
  TenantAccess access;

  bool operator==(const BusinessDomainSpec&) const = default;
};

struct BusinessDomainStatus {
  std::int64_t observed_generation = 0;
  std::int64_t data_domains = 0;  // admitted ones
  std::int64_t workspaces = 0;    // in these DataDomains
  meta::Conditions conditions;    // Ready, NamespacesReady

  bool operator==(const BusinessDomainStatus&) const = default;
};

struct BusinessDomain {
  static constexpr const char* kKind = "BusinessDomain";
  static constexpr const char* kPlural = "businessdomains";
  static constexpr bool kNamespaced = false;

  meta::ObjectMeta metadata;
  BusinessDomainSpec spec;
  BusinessDomainStatus status;

  bool operator==(const BusinessDomain&) const = default;
};

}  // namespace atelier::api
