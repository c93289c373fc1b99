#include "render/tenant_namespace.h"

#include <algorithm>
#include <array>

#include "render/labels.h"

namespace atelier::render {
namespace {

using nlohmann::json;

constexpr const char* kName = "atelier";
constexpr const char* kRbac = "rbac.authorization.k8s.io";
constexpr std::array<const char*, 3> kRoles{"atelier-viewer", "atelier-engineer", "atelier-admin"};

void put(json& into, const char* name, const std::optional<api::Quantity>& amount) {
  if (amount) into[name] = api::format_quantity(*amount);
}

json amounts(const api::CpuAndMemory& from) {
  json out = json::object();
  put(out, "cpu", from.cpu);
  put(out, "memory", from.memory);
  return out;
}

// The API server takes what is absent in `from` over from `fallback`.
api::CpuAndMemory completed(api::CpuAndMemory from, const api::CpuAndMemory& fallback) {
  if (!from.cpu) from.cpu = fallback.cpu;
  if (!from.memory) from.memory = fallback.memory;
  return from;
}

json quota(const api::TenantQuota& from) {
  json hard = json::object();
  put(hard, "requests.cpu", from.requests_cpu);
  put(hard, "requests.memory", from.requests_memory);
  put(hard, "limits.cpu", from.limits_cpu);
  put(hard, "limits.memory", from.limits_memory);
  put(hard, "pods", from.pods);
  put(hard, "persistentvolumeclaims", from.persistent_volume_claims);
  put(hard, "requests.storage", from.requests_storage);
  return {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"spec", {{"hard", std::move(hard)}}}};
}

json limit_range(const api::TenantLimits& from) {
  const api::CpuAndMemory limits = completed(from.limits, from.max);
  json limit = {{"type", "Container"}};
  limit["default"] = amounts(limits);
  limit["defaultRequest"] = amounts(completed(from.requests, limits));
  limit["max"] = amounts(from.max);
  return {{"apiVersion", "v1"}, {"kind", "LimitRange"}, {"spec", {{"limits", json::array({std::move(limit)})}}}};
}

json port(std::int64_t number, const std::string& protocol) { return {{"port", number}, {"protocol", protocol}}; }

json in_namespaces(const char* label, const std::string& value) {
  return {{"namespaceSelector", {{"matchLabels", {{label, value}}}}}};
}

// Nothing comes in or goes out but within the tenant, names of the cluster's DNS, and what is granted.
json network_policy(const std::string& tenant, const api::TenantNetwork& from) {
  const json within = in_namespaces(kBusinessDomain, tenant);
  json egress = json::array({{{"to", json::array({within})}},
                             {{"to", json::array({in_namespaces("kubernetes.io/metadata.name", "kube-system")})},
                              {"ports", json::array({port(53, "UDP"), port(53, "TCP")})}}});
  for (const api::EgressRule& rule : from.egress) {
    json out = {{"to", json::array({{{"ipBlock", {{"cidr", rule.cidr}}}}})}};
    for (const api::EgressPort& one : rule.ports) {
      out["ports"].push_back(port(one.port, one.protocol.empty() ? "TCP" : one.protocol));
    }
    egress.push_back(std::move(out));
  }
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"spec",
           {{"podSelector", json::object()},
            {"policyTypes", json::array({"Ingress", "Egress"})},
            {"ingress", json::array({{{"from", json::array({within})}}})},
            {"egress", std::move(egress)}}}};
}

json role_binding(const char* role, const std::vector<api::Subject>& from) {
  json subjects = json::array();
  for (const api::Subject& one : from) {
    json subject = {{"kind", one.kind}, {"name", one.name}};
    if (one.kind == "ServiceAccount") {
      subject["namespace"] = one.ns;
    } else {
      subject["apiGroup"] = kRbac;
    }
    subjects.push_back(std::move(subject));
  }
  return {{"apiVersion", std::string(kRbac) + "/v1"},
          {"kind", "RoleBinding"},
          {"roleRef", {{"apiGroup", kRbac}, {"kind", "ClusterRole"}, {"name", role}}},
          {"subjects", std::move(subjects)}};
}

json without_empty(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const json& one : value) out.push_back(without_empty(one));
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [key, member] : value.items()) {
    json kept = without_empty(member);
    const bool nothing = kept.is_null() || (kept.is_structured() && kept.empty());
    if (!nothing) out[key] = std::move(kept);
  }
  return out;
}

json with_amounts(json value) {
  if (value.is_string()) {
    const auto amount = api::parse_quantity(value.get_ref<const std::string&>());
    return amount ? json(api::format_quantity(amount.value())) : value;
  }
  if (value.is_structured()) {
    for (json& one : value) one = with_amounts(std::move(one));
  }
  return value;
}

}  // namespace

std::vector<TenantObject> tenant_objects(const api::BusinessDomain& tenant) {
  std::vector<TenantObject> out;
  const auto add = [&](TenantPart part, const std::string& name, json object) {
    json content = content_of(part, object);
    object["metadata"] = {
        {"name", name},
        {"labels", {{kManagedBy, kManager}, {kComponent, kTenancy}, {kBusinessDomain, tenant.metadata.name}}}};
    out.push_back({part, name, std::move(object), std::move(content)});
  };
  const api::BusinessDomainSpec& spec = tenant.spec;
  if (spec.quota) add(TenantPart::quota, kName, quota(*spec.quota));
  if (spec.limits) add(TenantPart::limits, kName, limit_range(*spec.limits));
  if (spec.network) add(TenantPart::network, kName, network_policy(tenant.metadata.name, *spec.network));
  const std::array<const std::vector<api::Subject>*, 3> subjects{&spec.access.viewers, &spec.access.engineers,
                                                                 &spec.access.admins};
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (!subjects[i]->empty()) add(TenantPart::access, kRoles[i], role_binding(kRoles[i], *subjects[i]));
  }
  return out;
}

bool is_tenant_object(TenantPart part, const std::string& name) {
  if (part != TenantPart::access) return name == kName;
  return std::find(kRoles.begin(), kRoles.end(), name) != kRoles.end();
}

json content_of(TenantPart part, const json& object) {
  json out = json::object();
  for (const char* field : {"spec", "roleRef", "subjects"}) {
    if (object.contains(field)) out[field] = object[field];
  }
  out = without_empty(out);
  const bool has_amounts = part == TenantPart::quota || part == TenantPart::limits;
  return has_amounts ? with_amounts(out) : out;
}

std::map<std::string, std::string> namespace_labels(const std::string& tenant) {
  std::map<std::string, std::string> out{{kBusinessDomain, tenant}};
  for (const char* mode : {"enforce", "warn", "audit"}) {
    out[std::string(kPodSecurity) + mode] = "restricted";
    out[std::string(kPodSecurity) + mode + "-version"] = "latest";  // an old one checks less
  }
  return out;
}

}  // namespace atelier::render
