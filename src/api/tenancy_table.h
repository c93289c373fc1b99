// Field tables of what a BusinessDomain sets in its namespaces.
#pragma once

#include "api/shared_table.h"
#include "atelier/api/tenancy.h"

namespace atelier::api {

template <>
struct Table<TenantQuota> {
  using Q = TenantQuota;
  static auto fields() {
    return std::tuple{field("requests.cpu", &Q::requests_cpu),
                      field("requests.memory", &Q::requests_memory),
                      field("limits.cpu", &Q::limits_cpu),
                      field("limits.memory", &Q::limits_memory),
                      field("pods", &Q::pods),
                      field("persistentvolumeclaims", &Q::persistent_volume_claims),
                      field("requests.storage", &Q::requests_storage)};
  }
};

template <>
struct Table<CpuAndMemory> {
  static auto fields() { return std::tuple{field("cpu", &CpuAndMemory::cpu), field("memory", &CpuAndMemory::memory)}; }
};

template <>
struct Table<TenantLimits> {
  using L = TenantLimits;
  static auto fields() {
    return std::tuple{field("default", &L::limits), field("defaultRequest", &L::requests), field("max", &L::max)};
  }
};

template <>
struct Table<EgressPort> {
  static auto fields() {
    return std::tuple{field("port", &EgressPort::port, required(between(1, 65535))),
                      field("protocol", &EgressPort::protocol, one_of({"TCP", "UDP"}))};
  }
};

template <>
struct Table<EgressRule> {
  static auto fields() {
    return std::tuple{field("cidr", &EgressRule::cidr, required()), field("ports", &EgressRule::ports)};
  }
};

template <>
struct Table<TenantNetwork> {
  static auto fields() { return std::tuple{field("egress", &TenantNetwork::egress)}; }
};

template <>
struct Table<Subject> {
  static auto fields() {
    return std::tuple{field("kind", &Subject::kind, required(one_of({"User", "Group", "ServiceAccount"}))),
                      field("name", &Subject::name, required()), field("namespace", &Subject::ns)};
  }
};

template <>
struct Table<TenantAccess> {
  using A = TenantAccess;
  static auto fields() {
    return std::tuple{field("viewers", &A::viewers), field("engineers", &A::engineers), field("admins", &A::admins)};
  }
};

}  // namespace atelier::api
