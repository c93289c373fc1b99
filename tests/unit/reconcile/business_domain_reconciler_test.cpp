#include "reconcile/business_domain_reconciler.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

// The tenant "bd" with its namespace "bd01", which also "other" bears the label of.
struct Tenants : testing::RunWorld {
  Tenants() { add(world.namespaces, ns("bd01"), ns("other")); }

  static json ns(const std::string& name) {
    json out = {{"metadata",
                 {{"name", name},
                  {"uid", name + "-uid"},
                  {"labels", render::namespace_labels("bd")},
                  {"managedFields", {{{"manager", "atelier-tenancy"}, {"operation", "Apply"}}}}}}};
    return out;
  }
  kube::Plan reconcile(const kube::Feedback& feedback = {}) {
    return reconciler.reconcile({"", "bd"}, feedback, second(1));
  }
  static std::vector<std::string> ids(const kube::Plan& plan) {
    std::vector<std::string> out;
    for (const kube::Write& write : plan.writes) out.push_back(write.id);
    return out;
  }
  kube::Feedback answer(Result<json> read) {
    kube::Feedback feedback;
    feedback.results.emplace("read businessdomains/bd", std::move(read));
    return feedback;
  }

  BusinessDomainReconciler reconciler{world};
};

using Ids = std::vector<std::string>;

TEST(BusinessDomainReconciler, TakesNothingAwayBeforeALiveReadShowsThatItsCacheIsNew) {
  Tenants tenants;
  kube::Plan plan = tenants.reconcile();
  EXPECT_EQ(Tenants::ids(plan), (Ids{"write status", "read businessdomains/bd"}));
  plan = tenants.reconcile(tenants.answer(json{{"metadata", {{"resourceVersion", "9999"}}}}));
  EXPECT_EQ(Tenants::ids(plan), (Ids{"write status", "read businessdomains/bd"})) << "the cache is behind";
  const std::string known = *tenants.world.tenants.version_of({"", "bd"});
  plan = tenants.reconcile(tenants.answer(json{{"metadata", {{"resourceVersion", known}}}}));
  EXPECT_EQ(Tenants::ids(plan), (Ids{"write status", "give up namespace other"}));
  EXPECT_NE(plan.writes[1].request.target.find("fieldManager=atelier-tenancy"), std::string::npos);
  EXPECT_EQ(Tenants::ids(tenants.reconcile()), (Ids{"write status", "read businessdomains/bd"})) << "asked each time";
}

TEST(BusinessDomainReconciler, ATenantThatIsGoneForUsIsLookedForFirst) {
  Tenants tenants;
  tenants.add(tenants.world.tenants);
  EXPECT_EQ(Tenants::ids(tenants.reconcile()), Ids{"read businessdomains/bd"});
  EXPECT_EQ(Tenants::ids(tenants.reconcile(tenants.answer(json{{"metadata", {{"resourceVersion", "9999"}}}}))),
            Ids{"read businessdomains/bd"})
      << "it is there";
  EXPECT_EQ(Tenants::ids(tenants.reconcile(tenants.answer(Error{Errc::not_found, "no"}))),
            (Ids{"give up namespace bd01", "give up namespace other"}));
}

TEST(BusinessDomainReconciler, WhatTheApiServerRefusesWaits) {
  Tenants tenants;
  json bare = Tenants::ns("bd01");
  bare["metadata"].erase("labels");
  tenants.add(tenants.world.namespaces, bare);
  const kube::Plan plan = tenants.reconcile();
  ASSERT_EQ(Tenants::ids(plan), (Ids{"write status", "label namespace bd01"}));
  kube::Feedback feedback;
  feedback.results.emplace("label namespace bd01", Error{Errc::forbidden, "a policy says no"});
  const kube::Plan next = tenants.reconcile(feedback);
  ASSERT_EQ(Tenants::ids(next), Ids{"write status"});
  EXPECT_EQ(next.requeue_after, Millis{10'001});
  EXPECT_NE(next.writes[0].request.body.find("a policy says no"), std::string::npos);
}

TEST(BusinessDomainReconciler, TellsWhatTheApiServerFailsToDo) {
  Tenants tenants;
  json bare = Tenants::ns("bd01");
  bare["metadata"].erase("labels");
  tenants.add(tenants.world.namespaces, bare);
  tenants.reconcile();
  kube::Feedback feedback;
  feedback.results.emplace("label namespace bd01", Error{Errc::server, "the etcd is slow"});
  kube::Plan plan = tenants.reconcile(feedback);
  ASSERT_EQ(Tenants::ids(plan), (Ids{"write status", "label namespace bd01"})) << "it is tried again at once";
  const json conditions = json::parse(plan.writes[0].request.body)["status"]["conditions"];
  ASSERT_EQ(conditions.size(), 2U);
  for (const json& condition : conditions) {
    EXPECT_EQ(condition["status"], "False");
    EXPECT_EQ(condition["reason"], "NamespaceFailed");
    EXPECT_NE(condition["message"].get<std::string>().find("label namespace bd01: the etcd is slow"),
              std::string::npos);
  }
  for (const Errc nobodys_fault : {Errc::conflict, Errc::cancelled}) {
    feedback.results.insert_or_assign("label namespace bd01", Error{nobodys_fault, "later"});
    plan = tenants.reconcile(feedback);
    ASSERT_EQ(Tenants::ids(plan), (Ids{"write status", "label namespace bd01"}));
    EXPECT_FALSE(json::parse(plan.writes[0].request.body)["status"].contains("conditions"));
  }
}

TEST(BusinessDomainReconciler, CountsWhatItsDataDomainsHold) {
  Tenants tenants;
  tenants.add(tenants.world.namespaces, Tenants::ns("bd01"));
  const kube::Plan plan = tenants.reconcile();
  ASSERT_EQ(Tenants::ids(plan), Ids{"write status"});
  const json status = json::parse(plan.writes[0].request.body)["status"];
  EXPECT_EQ(status["dataDomains"], 1);
  EXPECT_EQ(status["conditions"][0]["reason"], "Held");
  EXPECT_EQ(status["conditions"][1]["reason"], "Observed");
}

}  // namespace
}  // namespace atelier::reconcile
