#include "render/tenant_namespace.h"

#include <gtest/gtest.h>

#include "atelier/api/codec.h"

namespace atelier::render {
namespace {

using nlohmann::json;

api::BusinessDomain tenant(const char* spec) {
  return api::parse<api::BusinessDomain>(json{{"metadata", {{"name", "retail"}}}, {"spec", json::parse(spec)}}).value();
}

std::vector<std::string> names(const std::vector<TenantObject>& objects) {
  std::vector<std::string> out;
  for (const TenantObject& one : objects) out.push_back(one.object["kind"].get<std::string>() + " " + one.name);
  return out;
}

TEST(TenantNamespace, WhatTheSpecDoesNotSayIsNotMade) {
  EXPECT_TRUE(tenant_objects(tenant(R"({"namespaces": ["a"]})")).empty());
  EXPECT_EQ(names(tenant_objects(tenant(R"({"namespaces": ["a"], "quota": {"pods": 3}, "limits": {}, "network": {},
    "access": {"viewers": [{"kind": "Group", "name": "all"}], "admins": [{"kind": "User", "name": "ann"}]}})"))),
            (std::vector<std::string>{"ResourceQuota atelier", "LimitRange atelier", "NetworkPolicy atelier",
                                      "RoleBinding atelier-viewer", "RoleBinding atelier-admin"}));
}

TEST(TenantNamespace, AQuotaBoundsWhatItNames) {
  const auto made = tenant_objects(tenant(R"({"namespaces": [], "quota": {"pods": 3, "requests.memory": "4096Mi"}})"));
  EXPECT_EQ(made.at(0).object, json::parse(R"({"apiVersion": "v1", "kind": "ResourceQuota",
    "metadata": {"name": "atelier", "labels": {"app.kubernetes.io/managed-by": "atelier",
      "atelier.dev/component": "tenancy", "atelier.dev/business-domain": "retail"}},
    "spec": {"hard": {"pods": "3", "requests.memory": "4Gi"}}})"));
}

TEST(TenantNamespace, ALimitRangeHasTheDefaultsThatTheApiServerWouldAdd) {
  const auto made =
      tenant_objects(tenant(R"({"namespaces": [], "limits": {"default": {"memory": "512Mi"}, "max": {"cpu": 2}}})"));
  EXPECT_EQ(made.at(0).content["spec"]["limits"], json::parse(R"([{"type": "Container",
    "default": {"memory": "512Mi", "cpu": "2"}, "defaultRequest": {"memory": "512Mi", "cpu": "2"}, "max": {"cpu": "2"}}])"));
}

TEST(TenantNamespace, TheNetworkIsClosedButForTheTenantDnsAndWhatIsGranted) {
  const auto made = tenant_objects(tenant(R"({"namespaces": [], "network": {"egress": [
    {"cidr": "10.0.0.0/8", "ports": [{"port": 5432}]}, {"cidr": "1.2.3.4/32"}]}})"));
  EXPECT_EQ(made.at(0).object["spec"], json::parse(R"({"podSelector": {}, "policyTypes": ["Ingress", "Egress"],
    "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"atelier.dev/business-domain": "retail"}}}]}],
    "egress": [
      {"to": [{"namespaceSelector": {"matchLabels": {"atelier.dev/business-domain": "retail"}}}]},
      {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
       "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
      {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 5432, "protocol": "TCP"}]},
      {"to": [{"ipBlock": {"cidr": "1.2.3.4/32"}}]}]})"));
}

TEST(TenantNamespace, ARoleIsBoundToItsSubjects) {
  const auto made = tenant_objects(tenant(R"({"namespaces": [], "access": {"engineers": [
    {"kind": "Group", "name": "devs"}, {"kind": "ServiceAccount", "name": "ci", "namespace": "tools"}]}})"));
  EXPECT_EQ(made.at(0).content, json::parse(R"({
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "atelier-engineer"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "devs"},
                 {"kind": "ServiceAccount", "name": "ci", "namespace": "tools"}]})"));
}

TEST(TenantNamespace, ContentIsWhatTheObjectMeans) {
  const auto same = [](TenantPart part, const char* one, const char* other) {
    return content_of(part, json::parse(one)) == content_of(part, json::parse(other));
  };
  EXPECT_TRUE(same(TenantPart::quota, R"({"spec": {"hard": {"requests.cpu": "500m"}}, "status": {"hard": {}}})",
                   R"({"metadata": {}, "spec": {"hard": {"requests.cpu": "0.5"}, "scopes": []}})"));
  EXPECT_FALSE(same(TenantPart::quota, R"({"spec": {"hard": {"pods": "1"}}})",
                    R"({"spec": {"hard": {"pods": "1"}, "scopes": ["BestEffort"]}})"));
  EXPECT_TRUE(same(TenantPart::network, R"({"spec": {"podSelector": {}}})", R"({"spec": {}})"));
  EXPECT_FALSE(same(TenantPart::network, R"({"spec": {"podSelector": {}}})",
                    R"({"spec": {"podSelector": {"matchLabels": {"a": "b"}}}})"));
  EXPECT_FALSE(same(TenantPart::network, R"({"spec": {"ingress": [{}]}})", R"({"spec": {"ingress": []}})"));
  EXPECT_FALSE(same(TenantPart::access, R"({"subjects": [{"name": "1"}]})", R"({"subjects": [{"name": "1000m"}]})"));
}

TEST(TenantNamespace, OnlyNamesOfItsOwnAreItsOwn) {
  EXPECT_TRUE(is_tenant_object(TenantPart::quota, "atelier"));
  EXPECT_FALSE(is_tenant_object(TenantPart::quota, "atelier-viewer"));
  EXPECT_TRUE(is_tenant_object(TenantPart::access, "atelier-viewer"));
  EXPECT_FALSE(is_tenant_object(TenantPart::access, "atelier"));
}

TEST(TenantNamespace, PodsAreRestrictedByTheLatestStandard) {
  EXPECT_EQ(json(namespace_labels("retail")), json::parse(R"({"atelier.dev/business-domain": "retail",
    "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest",
    "pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/warn-version": "latest",
    "pod-security.kubernetes.io/audit": "restricted", "pod-security.kubernetes.io/audit-version": "latest"})"));
}

}  // namespace
}  // namespace atelier::render
