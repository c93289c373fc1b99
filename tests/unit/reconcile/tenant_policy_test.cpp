#include "reconcile/tenant_policy.h"

#include <gtest/gtest.h>

#include "atelier/api/codec.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using render::TenantPart;

const WallTime kNow{std::chrono::seconds{1'000}};

api::BusinessDomain tenant(const std::string& name, const std::string& spec,
                           const char* created = "2026-01-01T00:00:00Z") {
  const json document = {
      {"metadata", {{"name", name}, {"uid", name + "-uid"}, {"generation", 3}, {"creationTimestamp", created}}},
      {"spec", json::parse(spec)}};
  return api::parse<api::BusinessDomain>(document).value();
}

// The tenant "retail" with its namespace "a", as it is told of both.
struct Tenancy {
  explicit Tenancy(const std::string& spec = R"({"namespaces": ["a"]})") : domain(tenant("retail", spec)) {
    input.tenant = &domain;
    input.operator_namespace = "atelier-system";
    input.now = kNow;
    for (const std::string& ns : domain.spec.namespaces) {
      add(ns);
      input.holders[ns] = "retail";
    }
  }

  NamespaceRecord& add(const std::string& ns) {
    auto made = std::make_shared<NamespaceRecord>();
    made->name = ns;
    made->uid = Uid{ns + "-uid"};
    made->resource_version = "7";
    input.namespaces[ns] = made;
    return *made;
  }
  NamespaceRecord& at_rest(const std::string& ns = "a") {
    NamespaceRecord& found = add(ns);
    found.applied = true;
    found.labels = render::namespace_labels("retail");
    return found;
  }
  TenantPartRecord& part(TenantPart kind, const std::string& called, json content, const std::string& ns = "a") {
    auto made = std::make_shared<TenantPartRecord>();
    made->part = kind;
    made->key = {ns, called};
    made->uid = Uid{called + "-uid"};
    made->resource_version = "9";
    made->tenant = "retail";
    made->content = std::move(content);
    input.parts.push_back(made);
    return *made;
  }
  void all_made() {
    for (const render::TenantObject& object : render::tenant_objects(domain))
      part(object.part, object.name, object.content);
  }
  void gone() {
    input.tenant = nullptr;
    input.holders.clear();
  }

  TenancyDecision decide() const { return reconcile::decide(input); }
  std::vector<std::string> writes() const {
    std::vector<std::string> ids;
    for (const TenancyWrite& write : decide().writes) ids.push_back(write.id);
    return ids;
  }
  std::string said(const char* type = "NamespacesReady") const {
    const TenancyDecision decision = decide();
    const auto* found = meta::find_condition(decision.status.conditions, type);
    return found == nullptr ? "" : found->reason + ": " + found->message;
  }

  api::BusinessDomain domain;
  std::string name = "retail";
  TenancyInput input{.name = name, .now = {}};
};

using Ids = std::vector<std::string>;

constexpr const char* kEverything = R"({"namespaces": ["a"], "quota": {"pods": 2}, "limits": {"max": {"memory": "1Gi"}},
  "network": {}, "access": {"viewers": [{"kind": "Group", "name": "all"}]}})";

TEST(TenantPolicy, ANamespaceIsLabelledAndGetsWhatTheSpecSays) {
  const Tenancy tenancy(kEverything);
  EXPECT_EQ(tenancy.writes(), (Ids{"label namespace a", "apply resource quota a/atelier", "apply limit range a/atelier",
                                   "apply network policy a/atelier", "apply role binding a/atelier-viewer"}));
  const TenancyWrite label = tenancy.decide().writes[0];
  EXPECT_EQ(label.body["metadata"]["uid"], "a-uid") << "a namespace that is gone is not made again";
  EXPECT_EQ(label.body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
  EXPECT_EQ(tenancy.said(), "") << "it is under way";
}

TEST(TenantPolicy, AtRestNothingIsWritten) {
  Tenancy tenancy(kEverything);
  tenancy.at_rest();
  tenancy.all_made();
  EXPECT_EQ(tenancy.writes(), Ids{});
  EXPECT_EQ(tenancy.said(), "Held: its namespaces are as the spec says");
  EXPECT_EQ(tenancy.said("Ready"), "Observed: its namespaces may hold data domains");
}

TEST(TenantPolicy, LabelsThatSomebodyChangesArePutBack) {
  Tenancy tenancy;
  tenancy.at_rest().labels["pod-security.kubernetes.io/enforce"] = "privileged";
  EXPECT_EQ(tenancy.writes(), Ids{"label namespace a"});
  tenancy.at_rest().labels["pod-security.kubernetes.io/enforce-version"] = "v1.20";
  EXPECT_EQ(tenancy.writes(), Ids{"label namespace a"});
  tenancy.at_rest().labels.erase(render::kBusinessDomain);
  EXPECT_EQ(tenancy.writes(), Ids{"label namespace a"});
}

TEST(TenantPolicy, AnObjectThatSomebodyChangesIsMended) {
  Tenancy tenancy(R"({"namespaces": ["a"], "quota": {"pods": 2}})");
  tenancy.at_rest();
  tenancy.part(TenantPart::quota, "atelier", json::parse(R"({"spec": {"hard": {"pods": "900", "secrets": "1"}}})"));
  const TenancyDecision decision = tenancy.decide();
  ASSERT_EQ(tenancy.writes(), Ids{"mend resource quota a/atelier"});
  EXPECT_EQ(decision.writes[0].body, json::parse(R"({"metadata": {"uid": "atelier-uid", "resourceVersion": "9"},
                                                     "spec": {"hard": {"pods": "2", "secrets": null}}})"));
}

TEST(TenantPolicy, AQuotaWithScopesIsMadeAgain) {
  Tenancy tenancy(R"({"namespaces": ["a"], "quota": {"pods": 2}})");
  tenancy.at_rest();
  tenancy.part(TenantPart::quota, "atelier",
               json::parse(R"({"spec": {"hard": {"pods": "2"}, "scopes": ["BestEffort"]}})"));
  EXPECT_EQ(tenancy.writes(), Ids{"remove resource quota a/atelier"}) << "the API server changes no scopes";
}

TEST(TenantPolicy, AWriteThatIsRefusedIsTheSameAfterTheObjectsStatusChanged) {
  TenancyWrite write;
  write.body = json::parse(R"({"metadata": {"uid": "u", "resourceVersion": "9"}, "spec": {"hard": {"pods": "2"}}})");
  const std::string before = content_hash(write);
  write.body["metadata"]["resourceVersion"] = "10";
  EXPECT_EQ(content_hash(write), before);
  write.body["spec"]["hard"]["pods"] = "3";
  EXPECT_NE(content_hash(write), before);
}

TEST(TenantPolicy, ABindingOfAnotherRoleIsMadeAgain) {
  Tenancy tenancy(R"({"namespaces": ["a"], "access": {"viewers": [{"kind": "Group", "name": "all"}]}})");
  tenancy.at_rest();
  tenancy.part(TenantPart::access, "atelier-viewer", json::parse(R"({"roleRef": {"name": "cluster-admin"}})"));
  EXPECT_EQ(tenancy.writes(), Ids{"remove role binding a/atelier-viewer"});
}

TEST(TenantPolicy, WhatTheSpecDoesNotSayAnyMoreIsRemoved) {
  Tenancy tenancy;
  tenancy.at_rest();
  tenancy.part(TenantPart::quota, "atelier", json::object());
  tenancy.part(TenantPart::access, "atelier-admin", json::object());
  tenancy.part(TenantPart::quota, "of-the-team", json::object());
  const TenancyDecision decision = tenancy.decide();
  EXPECT_EQ(tenancy.writes(), (Ids{"remove resource quota a/atelier", "remove role binding a/atelier-admin"}));
  EXPECT_EQ(decision.writes[0].uid, Uid{"atelier-uid"});
  EXPECT_EQ(decision.writes[0].resource_version, "9");
}

TEST(TenantPolicy, ANamespaceThatIsTakenOutIsGivenUp) {
  Tenancy tenancy(kEverything);
  tenancy.at_rest("b");
  tenancy.part(TenantPart::network, "atelier", json::object(), "b");
  tenancy.at_rest();
  tenancy.all_made();
  EXPECT_EQ(tenancy.writes(), (Ids{"give up namespace b", "remove network policy b/atelier"}));
  EXPECT_FALSE(tenancy.decide().writes[0].body["metadata"].contains("labels"));
}

TEST(TenantPolicy, WhatIsLeftOfATenantThatIsGoneIsRemoved) {
  Tenancy tenancy(kEverything);
  tenancy.at_rest();
  tenancy.part(TenantPart::quota, "atelier", json::object());
  tenancy.gone();
  EXPECT_EQ(tenancy.writes(), (Ids{"give up namespace a", "remove resource quota a/atelier"}));
  for (const TenancyWrite& write : tenancy.decide().writes) EXPECT_TRUE(write.takes_away()) << write.id;
}

TEST(TenantPolicy, ALabelThatTheOperatorDidNotSetIsTakenOff) {
  Tenancy tenancy;
  tenancy.at_rest();
  tenancy.at_rest("b").applied = false;  // whoever labels a namespace would be let in by the network policies
  const TenancyDecision decision = tenancy.decide();
  ASSERT_EQ(tenancy.writes(), Ids{"unlabel namespace b"});
  EXPECT_EQ(
      decision.writes[0].body["metadata"],
      json::parse(R"({"uid": "b-uid", "resourceVersion": "7", "labels": {"atelier.dev/business-domain": null}})"));
}

TEST(TenantPolicy, ANamespaceOfAnotherTenantIsLeftToIt) {
  Tenancy tenancy(R"({"namespaces": ["a"], "quota": {"pods": 2}})");
  tenancy.at_rest();
  tenancy.input.holders["a"] = "wholesale";
  EXPECT_EQ(tenancy.writes(), Ids{});
  EXPECT_EQ(tenancy.said(),
            "NamespaceTaken: spec.namespaces: \"a\" belongs to BusinessDomain \"wholesale\", which is "
            "older; take it out of one of the two lists");
  tenancy.part(TenantPart::limits, "atelier", json::object());
  EXPECT_EQ(tenancy.writes(), Ids{"remove limit range a/atelier"});
}

TEST(TenantPolicy, TheOldestHoldsANamespaceThatSeveralClaim) {
  const auto made = [](const char* name, const char* created) {
    return std::make_shared<const api::BusinessDomain>(tenant(name, R"({"namespaces": ["a"]})", created));
  };
  const auto old = made("old", "2026-01-01T00:00:00Z");
  const auto young = made("young", "2026-01-02T00:00:00Z");
  EXPECT_EQ(holder_of({young, old}), old.get());
  EXPECT_EQ(holder_of({old, young}), old.get());
  EXPECT_EQ(holder_of({made(std::string(64, 'x').c_str(), "2025-01-01T00:00:00Z"), young}), young.get())
      << "its name is no label";
  EXPECT_EQ(holder_of({}), nullptr);
}

TEST(TenantPolicy, NamespacesOfTheClusterAndTheOperatorAreRefused) {
  for (const char* ns : {"kube-system", "kube-public", "kube-node-lease", "default", "atelier-system"}) {
    Tenancy tenancy(R"({"quota": {"pods": 2}, "namespaces": [")" + std::string(ns) + "\"]}");
    EXPECT_EQ(tenancy.writes(), Ids{}) << ns;
    EXPECT_TRUE(tenancy.said().starts_with("NamespaceReserved: spec.namespaces: \"" + std::string(ns)))
        << tenancy.said();
  }
}

TEST(TenantPolicy, ANamespaceThatIsNotThereIsToldAndKeepsNoOther) {
  Tenancy tenancy(R"({"namespaces": ["a", "b", "c"]})");
  tenancy.input.namespaces.erase("b");
  tenancy.add("c").terminating = true;
  EXPECT_EQ(tenancy.writes(), Ids{"label namespace a"});
  EXPECT_EQ(tenancy.said("Ready"),
            "NamespaceNotFound: spec.namespaces: \"b\" is not there; create the namespace or "
            "correct the name (and 1 more)");
}

TEST(TenantPolicy, ASpecThatIsWrongChangesNothingInItsNamespaces) {
  Tenancy tenancy(R"({"namespaces": ["a"], "quota": {"pods": "500m"}})");
  tenancy.part(TenantPart::network, "atelier", json::object());
  EXPECT_EQ(tenancy.writes(), Ids{});
  EXPECT_TRUE(tenancy.said().starts_with("InvalidValue: spec.quota.pods: "));
}

TEST(TenantPolicy, ANameThatIsNoLabelHoldsNothing) {
  Tenancy tenancy;
  tenancy.name = std::string(64, 'x');
  tenancy.input.holders.clear();
  EXPECT_EQ(tenancy.writes(), Ids{});
  EXPECT_TRUE(tenancy.said().starts_with("InvalidName: metadata.name: ")) << tenancy.said();
}

TEST(TenantPolicy, WhatTheApiServerRefusesIsToldAndTriedAgainLater) {
  Tenancy tenancy;
  const TenancyWrite write = tenancy.decide().writes.at(0);
  RefusedWrite& refusal = tenancy.input.refusals[write.id];
  refusal.asking(content_hash(write));
  const Result<json> answer = Error{Errc::forbidden, "a policy says no"};
  refusal.learn(&answer, kNow);
  EXPECT_EQ(tenancy.writes(), Ids{});
  EXPECT_EQ(tenancy.decide().wake_at, kNow + std::chrono::seconds{10});
  EXPECT_TRUE(
      tenancy.said().starts_with("NamespaceRefused: the API server refuses to label namespace a: a policy says no; "))
      << tenancy.said();
  tenancy.input.now += std::chrono::seconds{10};
  EXPECT_EQ(tenancy.writes(), Ids{"label namespace a"});
  EXPECT_EQ(tenancy.decide().refused, std::set<std::string>{write.id});
}

}  // namespace
}  // namespace atelier::reconcile
