#include "reconcile/airflow_look.h"

#include <gtest/gtest.h>

#include "reconcile/data_domain_reconciler.h"
#include "render/airflow_env.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;
using Ids = std::vector<std::string>;

const std::string kLook = "look at ConfigMap dd01-airflow-env";
const std::string kRead = "read datadomains/dd01";
const std::string kWrite = "write ConfigMap dd01-airflow-env";

// The DataDomain of one workspace with a variable; statuses are written into the cache as the API server would.
struct Domains : testing::RunWorld {
  Domains() {
    domain = json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid", "generation": 1, "resourceVersion": "1000"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}},
      "status": {"observedGeneration": 1, "claims": [{"name": "ws", "namespace": "team-a", "uid": "ws-uid"}], "workspaces": 1,
                 "conditions": [{"type": "Ready", "status": "True", "reason": "Admitted", "observedGeneration": 1,
                                 "message": "admits workspaces to dd01/dags on its storage",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})");
    add(world.domains, domain);
    workspace["spec"]["airflow"] = json::parse(R"({"extraEnv": [{"name": "HD_NAMESPACE", "value": "${namespace}"}]})");
    add(world.workspaces, workspace);
  }

  Ids reconcile(int at = 100) { return reconcile({}, at); }
  Ids reconcile(const std::string& id, Result<json> answer, int at = 100) {
    kube::Feedback feedback;
    feedback.results.emplace(id, std::move(answer));
    if (id == kLook) feedback.results.emplace(kRead, live());
    return reconcile(feedback, at);
  }
  Ids reconcile(const kube::Feedback& feedback, int at) {
    plan = reconciler.reconcile({"bd01", "dd01"}, feedback, second(at));
    Ids ids;
    for (const kube::Write& write : plan.writes) {
      ids.push_back(write.id);
      if (write.id == "write status") domain.merge_patch({{"status", json::parse(write.request.body)["status"]}});
    }
    add(world.domains, domain);
    return ids;
  }
  // As the cache has it.
  json live() const {
    json out = domain;
    out["metadata"]["resourceVersion"] = world.domains.get({"bd01", "dd01"})->metadata.resource_version;
    return out;
  }
  json body(std::size_t index) const { return json::parse(plan.writes.at(index).request.body); }

  static json config_map(const json& data) {
    return {{"kind", "ConfigMap"},
            {"metadata",
             {{"name", "dd01-airflow-env"},
              {"uid", "map-uid"},
              {"resourceVersion", "7"},
              {"labels",
               {{render::kManagedBy, "atelier"}, {render::kComponent, "airflow-env"}, {render::kDataDomain, "dd01"}}},
              {"ownerReferences", json::array({{{"uid", "dd-uid"}, {"controller", true}}})}}},
            {"data", data}};
  }
  static json web(const std::string& hash) {
    json out = json::parse(
        R"({"kind": "Deployment", "metadata": {"uid": "web-uid", "name": "web", "generation": 1, "resourceVersion": "8"},
      "spec": {"replicas": 1, "template": {"metadata": {"annotations": {}}, "spec": {"containers": [
        {"envFrom": [{"configMapRef": {"name": "dd01-airflow-env"}}]}]}}},
      "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}})");
    if (!hash.empty()) out["spec"]["template"]["metadata"]["annotations"][render::kAirflowEnvHash] = hash;
    return out;
  }
  std::string said(const std::string& type) const {
    for (const json& one : domain["status"]["conditions"]) {
      if (one["type"] == type) return one["reason"];
    }
    return "";
  }

  json domain;
  kube::Plan plan;
  DataDomainReconciler reconciler{world, "stage:1"};
};

TEST(AirflowLook, NotesLooksWritesAndTells) {
  Domains domains;
  EXPECT_EQ(domains.reconcile(), Ids{"write status"});
  EXPECT_EQ(domains.reconcile("write status", json::object()), (Ids{kRead, kLook}));
  EXPECT_EQ(domains.reconcile(kLook, Error{Errc::not_found, "no"}), Ids{kWrite});
  EXPECT_EQ(domains.plan.writes[0].request.method, http::Method::post);
  const json made = domains.body(0);
  EXPECT_EQ(made["data"], (json{{"HD_NAMESPACE", "team-a"}}));
  EXPECT_EQ(domains.reconcile(kWrite, Domains::config_map(made["data"])), Ids{"write status"});
  EXPECT_EQ(domains.said("AirflowEnv"), "Merged");
  EXPECT_EQ(domains.domain["status"]["airflow"]["variables"], 1);
  EXPECT_EQ(domains.reconcile("write status", json::object()), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{600'001});
  EXPECT_EQ(domains.reconcile(), (Ids{kRead, kLook})) << "each look reads it";
  EXPECT_EQ(domains.reconcile(kLook, Domains::config_map({{"HD_NAMESPACE", "mallory"}})), Ids{kWrite});
  EXPECT_EQ(domains.plan.writes[0].request.method, http::Method::patch);
  EXPECT_EQ(domains.body(0)["data"], (json{{"HD_NAMESPACE", "team-a"}}));
}

TEST(AirflowLook, AWriteThatMetAnotherIsMadeFromANewLook) {
  Domains domains;
  domains.reconcile();
  domains.reconcile("write status", json::object());
  domains.reconcile(kLook, Error{Errc::not_found, "no"});
  EXPECT_EQ(domains.reconcile(kWrite, Error{Errc::conflict, "it exists"}), Ids{kLook});
}

TEST(AirflowLook, WhatTheApiServerRefusesWaits) {
  Domains domains;
  domains.reconcile();
  domains.reconcile("write status", json::object());
  EXPECT_EQ(domains.reconcile(kLook, Error{Errc::forbidden, "may not get"}), Ids{"write status"});
  EXPECT_EQ(domains.said("AirflowEnv"), "ConfigMapRefused");
  EXPECT_EQ(domains.reconcile("write status", json::object()), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{60'001});
  EXPECT_EQ(domains.reconcile(160), (Ids{kRead, kLook}));
  EXPECT_EQ(domains.reconcile(kLook, Error{Errc::not_found, "no"}, 160), Ids{kWrite});
  EXPECT_EQ(domains.reconcile(kWrite, Error{Errc::forbidden, "may not create"}, 160), Ids{"write status"});
  EXPECT_EQ(domains.reconcile("write status", json::object(), 160), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{10'001});
}

TEST(AirflowLook, WhatTheSpecNamesIsStartedAnewOnce) {
  Domains domains;
  domains.domain["spec"]["airflow"] =
      json::parse(R"({"restart": {"deployments": ["web"], "statefulSets": ["workers"]}})");
  const json map = Domains::config_map({{"HD_NAMESPACE", "team-a"}});
  const std::string hash = render::airflow_env_hash({{"HD_NAMESPACE", "team-a"}});
  domains.domain["status"]["airflow"] = {
      {"configMap", "dd01-airflow-env"}, {"hash", hash}, {"variables", 1}, {"changeTime", "1970-01-01T00:00:01Z"}};
  domains.add(domains.world.domains, domains.domain);
  EXPECT_EQ(domains.reconcile(), (Ids{kRead, kLook, "look at Deployment web", "look at StatefulSet workers"}));
  EXPECT_NE(domains.plan.writes[3].request.target.find("/apis/apps/v1/namespaces/bd01/statefulsets/workers"),
            std::string::npos);
  kube::Feedback feedback;
  feedback.results.emplace(kRead, domains.live());
  feedback.results.emplace(kLook, map);
  feedback.results.emplace("look at Deployment web", Domains::web(""));
  feedback.results.emplace("look at StatefulSet workers", Error{Errc::forbidden, "may not get"});
  EXPECT_EQ(domains.reconcile(feedback, 100), Ids{"write status"}) << "it is noted first";
  EXPECT_EQ(domains.reconcile("write status", json::object()), Ids{"write Deployment web"});
  const json patch = domains.body(0);
  EXPECT_EQ(patch["metadata"], (json{{"uid", "web-uid"}, {"resourceVersion", "8"}}));
  EXPECT_EQ(patch["spec"],
            (json{{"template", {{"metadata", {{"annotations", {{"atelier.dev/airflow-env", hash}}}}}}}}));
  EXPECT_EQ(domains.said("AirflowCurrent"), "RestartRefused");
  EXPECT_EQ(domains.reconcile("write Deployment web", Domains::web(hash)), Ids{"write status"}) << "one is left";
  EXPECT_EQ(domains.reconcile("write status", json::object()), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{60'001});
}

TEST(AirflowLook, AWriteThatTheAnswerDoesNotShowWaitsLikeARefusal) {
  Domains domains;
  domains.reconcile();
  domains.reconcile("write status", json::object());
  domains.reconcile(kLook, Error{Errc::not_found, "no"});
  const json other = Domains::config_map({{"HD_NAMESPACE", "team-a"}, {"ADDED_BY_A_WEBHOOK", "1"}});
  EXPECT_EQ(domains.reconcile(kWrite, other), Ids{"write status"});
  EXPECT_EQ(domains.said("AirflowEnv"), "ConfigMapRefused");
  EXPECT_EQ(domains.reconcile("write status", json::object()), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{10'001});
  EXPECT_EQ(domains.reconcile(105), (Ids{kRead, kLook}));
  EXPECT_EQ(domains.reconcile(kLook, other, 105), Ids{}) << "whatever wakes it in between";
  domains.reconcile(110);
  EXPECT_EQ(domains.reconcile(kLook, other, 110), Ids{kWrite});
  EXPECT_EQ(domains.reconcile(kWrite, other, 110), Ids{});
  EXPECT_EQ(domains.plan.requeue_after, Millis{20'001});
}

TEST(AirflowLook, ACacheThatIsBehindTheApiServerChangesNothing) {
  Domains domains;
  domains.reconcile();
  domains.reconcile("write status", json::object());
  kube::Feedback feedback;
  json newer = domains.domain;
  newer["metadata"]["resourceVersion"] = "1001";
  feedback.results.emplace(kRead, newer);
  feedback.results.emplace(kLook, Domains::config_map({{"HD_NAMESPACE", "what the leader before wrote"}}));
  EXPECT_EQ(domains.reconcile(feedback, 100), Ids{kRead});
  domains.version = 1001;
  domains.add(domains.world.domains, domains.domain);
  EXPECT_EQ(domains.reconcile(kRead, newer), Ids{kWrite});
}

}  // namespace
}  // namespace atelier::reconcile
