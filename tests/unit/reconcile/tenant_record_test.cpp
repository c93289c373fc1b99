#include "reconcile/tenant_record.h"

#include <gtest/gtest.h>

namespace atelier::reconcile {
namespace {

TEST(TenantRecord, OfANamespaceOnlyLabelsOfTenancyAreKept) {
  const auto found = decode_namespace(R"({"metadata": {"name": "a", "uid": "u", "resourceVersion": "7",
    "labels": {"team": "x", "atelier.dev/business-domain": "retail", "pod-security.kubernetes.io/warn": "baseline"}}})");
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value()->tenant(), "retail");
  EXPECT_EQ(found.value()->labels.size(), 2U);
  EXPECT_FALSE(found.value()->applied || found.value()->terminating);
}

TEST(TenantRecord, TellsWhatTheOperatorAppliedFromWhatOthersDid) {
  const auto applied = [](const char* fields) {
    return decode_namespace(R"({"metadata": {"name": "a", "uid": "u", "managedFields": )" + std::string(fields) + "}}")
        .value()
        ->applied;
  };
  EXPECT_TRUE(applied(R"([{"manager": "kubectl"}, {"manager": "atelier-tenancy", "operation": "Apply"}])"));
  EXPECT_FALSE(applied(R"([{"manager": "kubectl"}])"));
  EXPECT_FALSE(applied(R"([{"manager": "atelier-tenancy", "operation": "Update"}])")) << "others may take any name";
}

TEST(TenantRecord, ANamespaceOnItsWayOutIsTold) {
  const auto found =
      decode_namespace(R"({"metadata": {"name": "a", "uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z"}})");
  EXPECT_TRUE(found.value()->terminating);
  EXPECT_EQ(found.value()->tenant(), "");
}

TEST(TenantRecord, AnObjectBearsItsTenantsName) {
  const auto found = decode_tenant_part(render::TenantPart::quota, R"({"metadata": {"name": "atelier",
    "namespace": "a", "uid": "u", "resourceVersion": "3", "labels": {"atelier.dev/business-domain": "retail"}},
    "spec": {"hard": {"pods": "1000m"}}, "status": {"used": {"pods": "0"}}})");
  ASSERT_TRUE(found);
  EXPECT_EQ(found.value()->tenant, "retail");
  EXPECT_EQ(found.value()->key, (ObjectKey{"a", "atelier"}));
  EXPECT_EQ(found.value()->content, nlohmann::json::parse(R"({"spec": {"hard": {"pods": "1"}}})"));
}

TEST(TenantRecord, WhatIsNoObjectIsAnError) {
  EXPECT_FALSE(decode_namespace("{}"));
  EXPECT_FALSE(decode_namespace("nonsense"));
  EXPECT_FALSE(decode_tenant_part(render::TenantPart::limits, R"({"metadata": {"name": "atelier"}})"));
}

}  // namespace
}  // namespace atelier::reconcile
