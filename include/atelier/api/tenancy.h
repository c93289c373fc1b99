// What a BusinessDomain sets in the namespaces of its tenant. Whatever is absent the operator neither makes nor keeps.
#pragma once

#include "atelier/api/quantity.h"
#include "atelier/api/shared_types.h"

namespace atelier::api {

// Of each namespace; under the names of a ResourceQuota.
struct TenantQuota {
  std::optional<Quantity> requests_cpu;  // "requests.cpu" in JSON, and so on
  std::optional<Quantity> requests_memory;
  std::optional<Quantity> limits_cpu;
  std::optional<Quantity> limits_memory;
  std::optional<Quantity> pods;
  std::optional<Quantity> persistent_volume_claims;
  std::optional<Quantity> requests_storage;

  bool operator==(const TenantQuota&) const = default;
};

struct CpuAndMemory {
  std::optional<Quantity> cpu;
  std::optional<Quantity> memory;

  bool operator==(const CpuAndMemory&) const = default;
};

// Of each container in the namespaces; under the names of a LimitRange.
struct TenantLimits {
  CpuAndMemory limits;    // "default" in JSON: of a container that has none
  CpuAndMemory requests;  // "defaultRequest" in JSON
  CpuAndMemory max;

  bool operator==(const TenantLimits&) const = default;
};

struct EgressPort {
  std::int64_t port = 0;
  std::string protocol;  // TCP or UDP; empty: TCP

  bool operator==(const EgressPort&) const = default;
};

// Addresses outside of the tenant that its pods may call.
struct EgressRule {
  std::string cidr;
  std::vector<EgressPort> ports;  // empty: all

  bool operator==(const EgressRule&) const = default;
};

struct TenantNetwork {
  std::vector<EgressRule> egress;

  bool operator==(const TenantNetwork&) const = default;
};

struct Subject {
  std::string kind;  // User, Group or ServiceAccount
  std::string name;
  std::string ns;  // "namespace" in JSON; of a ServiceAccount only

  bool operator==(const Subject&) const = default;
};

// Who has the roles of deploy/base/tenant-roles.yaml in each namespace.
struct TenantAccess {
  std::vector<Subject> viewers;
  std::vector<Subject> engineers;
  std::vector<Subject> admins;

  bool operator==(const TenantAccess&) const = default;
};

}  // namespace atelier::api
