// What a tenant's BusinessDomain sets in each of its namespaces.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/api/business_domain.h"

namespace atelier::render {

inline constexpr const char* kTenancyFieldManager = "atelier-tenancy";

// Set by the operator alone: it takes a foreign one away.
inline constexpr const char* kBusinessDomain = "atelier.dev/business-domain";
inline constexpr const char* kPodSecurity = "pod-security.kubernetes.io/";

enum class TenantPart { quota, limits, network, access };

// One object as the API server stores it, with the defaults it would add: what differs from that was changed.
struct TenantObject {
  TenantPart part;
  std::string name;
  nlohmann::json object;   // without namespace
  nlohmann::json content;  // of `object`, see content_of
};

// Names and contents are the same in all namespaces of the tenant.
std::vector<TenantObject> tenant_objects(const api::BusinessDomain& tenant);

// The names that objects of ours may have; others are none of ours, whatever their labels say.
bool is_tenant_object(TenantPart part, const std::string& name);

// What the object says, without metadata and without fields that are empty, which mean the same as absent ones. Amounts
// are written in one way.
nlohmann::json content_of(TenantPart part, const nlohmann::json& object);

// Of the namespace itself.
std::map<std::string, std::string> namespace_labels(const std::string& tenant);

}  // namespace atelier::render
