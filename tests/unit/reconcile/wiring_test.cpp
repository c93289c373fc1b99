#include "reconcile/wiring.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// Which DataDomains, workspaces, pipelines and runs are looked at again.
struct Wired : testing::RunWorld {
  Wired() {
    const auto into = [this](const ObjectKey& key, kube::Priority) { domains.insert(key.name); };
    const auto others = [this](const ObjectKey& key, kube::Priority) { pipelines_and_runs.insert(key.name); };
    const auto old = [this](const ObjectKey& key, kube::Priority) { pods.insert(key.name); };
    const auto tenant = [this](const ObjectKey& key, kube::Priority) { tenants.insert(key.name); };
    const auto owner = [this](const ObjectKey& key, kube::Priority) { workspaces.insert(key.to_string()); };
    wire(world, Enqueue{tenant, into, owner, others, others, old});
  }

  json domain(const std::string& name, const std::string& claim) const {
    json out = json::parse(R"({"metadata": {"namespace": "bd01"},
      "spec": {"key": "k", "businessDomain": {"name": "bd"}, "storage": {"owner": {"uid": 1, "gid": 1}}}})");
    out["metadata"]["name"] = name;
    out["metadata"]["uid"] = name + "-uid";
    out["spec"]["storage"]["claimName"] = claim;
    return out;
  }

  json publish_pod(const std::string& data_domain) const {
    json out = json::parse(R"({"metadata": {"name": "publish-ws", "namespace": "bd01", "uid": "p",
      "labels": {"atelier.dev/component": "publish", "atelier.dev/workspace": "ws", "atelier.dev/workspace-uid": "ws-uid",
                 "atelier.dev/workspace-namespace": "team-a"}}})");
    out["metadata"]["labels"]["atelier.dev/data-domain"] = data_domain;
    return out;
  }

  template <class T>
  void change(kube::Store<T>& store, const json& document) {
    const std::string text = document.dump();
    kube::WatchEvent event;
    event.type = kube::EventType::modified;
    event.identity = {{document["metadata"]["namespace"], document["metadata"]["name"]},
                      Uid{document["metadata"]["uid"].get<std::string>()},
                      std::to_string(++version)};
    event.object = text;
    store.apply(event);
  }

  std::set<std::string> tenants;
  std::set<std::string> domains;
  std::set<std::string> workspaces;
  std::set<std::string> pipelines_and_runs;
  std::set<std::string> pods;
};

TEST(Wiring, LooksAtTheNeighboursOfADataDomainThatGetsAnotherVolume) {
  Wired wired;
  wired.add(wired.world.domains, wired.domain("dd01", "a"), wired.domain("dd02", "a"));
  wired.domains.clear();
  const std::string moved = wired.domain("dd01", "b").dump();
  kube::WatchEvent event;
  event.type = kube::EventType::modified;
  event.identity = {{"bd01", "dd01"}, Uid{"dd01-uid"}, std::to_string(++wired.version)};
  event.object = moved;
  wired.world.domains.apply(event);
  EXPECT_TRUE(wired.domains.contains("dd02")) << "its key is free now";
}

TEST(Wiring, LooksAtTheDataDomainOfAWorkspaceWhoseVariablesForAirflowChange) {
  Wired wired;
  wired.domains.clear();
  wired.workspace["spec"]["env"][0]["value"] = "elsewhere";
  wired.change(wired.world.workspaces, wired.workspace);
  EXPECT_FALSE(wired.domains.contains("dd01"));
  json domain = wired.domain("dd01", "a");
  domain["status"]["claims"] =
      json::array({{{"name", "ws"}, {"namespace", "team-a"}, {"uid", wired.workspace["metadata"]["uid"]}}});
  wired.add(wired.world.domains, domain);
  wired.domains.clear();
  wired.workspace["spec"]["airflow"] = json::parse(R"({"extraEnv": [{"name": "A", "value": "x"}]})");
  wired.change(wired.world.workspaces, wired.workspace);
  EXPECT_TRUE(wired.domains.contains("dd01"));
  EXPECT_EQ(wired.world.workspaces.keys_of(kByAirflow, "bd01/dd01").size(), 1U);
  wired.domains.clear();
  wired.workspace["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  wired.change(wired.world.workspaces, wired.workspace);
  EXPECT_TRUE(wired.domains.contains("dd01")) << "a finalizer of somebody's keeps it, and not its variables";
}

TEST(Wiring, LooksAtTheWorkspaceWhosePodOfLongRunningContainersChanges) {
  Wired wired;
  wired.workspaces.clear();
  wired.add(wired.world.pods, json::parse(R"({"metadata": {"name": "ws-1", "namespace": "team-b", "uid": "c",
      "labels": {"atelier.dev/component": "containers", "atelier.dev/workspace": "web"}}})"));
  EXPECT_EQ(wired.workspaces, (std::set<std::string>{"team-b/web"}));
  EXPECT_EQ(wired.world.pods.keys_of(kByWorkspace, "team-b/web").size(), 1U);
}

TEST(Wiring, LooksAtTheDataDomainThatAPublishPodsWorkspaceLeft) {
  Wired wired;
  wired.add(wired.world.pods, wired.publish_pod("dd00"));
  EXPECT_TRUE(wired.domains.contains("dd00"));
  wired.domains.clear();
  wired.add(wired.world.pods, wired.publish_pod("dd01"));
  EXPECT_FALSE(wired.domains.contains("dd01"));
}

TEST(Wiring, LooksAtTheDataDomainWhenAPublishPodFindsItsNameTaken) {
  Wired wired;
  json pod = wired.publish_pod("dd01");
  pod["status"] = {{"phase", "Failed"}, {"containerStatuses", json::array({{{"name", "publish"}}})}};
  const json told = {
      {"reason", "NameTaken"}, {"holderName", "ws"}, {"holderNamespace", "team-b"}, {"holderUid", "former"}};
  pod["status"]["containerStatuses"][0]["state"]["terminated"] = {{"exitCode", 30}, {"message", told.dump()}};
  wired.add(wired.world.pods, pod);
  EXPECT_TRUE(wired.domains.contains("dd01"));
}

TEST(Wiring, TellsOnlyTheRunThatGotAPlace) {
  Wired wired;
  json other = wired.run;
  other["metadata"]["name"] = "run-2";
  other["metadata"]["uid"] = "run-2-uid";
  wired.add(wired.world.runs, wired.run, other);
  json workspace = wired.workspace;
  workspace["status"].erase("places");
  wired.change(wired.world.workspaces, workspace);
  wired.pipelines_and_runs.clear();
  wired.change(wired.world.workspaces, wired.workspace);
  EXPECT_EQ(wired.pipelines_and_runs, std::set<std::string>{"run-1"}) << "a long line would be looked at in vain";
  workspace["status"]["release"]["id"] = "rel-2";
  wired.change(wired.world.workspaces, workspace);
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{"daily", "run-1", "run-2"}));
}

TEST(Wiring, LooksAtAWorkspaceWhenARunAsksForAPlaceOrLeavesOne) {
  Wired wired;
  json run = wired.run;
  const auto looked_at = [&wired](auto& store, const json& document) {
    wired.workspaces.clear();
    wired.change(store, document);
    return wired.workspaces.contains("team-a/ws");
  };
  run["status"] = {{"phase", "Pending"},
                   {"conditions", json::array({{{"type", "Succeeded"},
                                                {"status", "Unknown"},
                                                {"reason", "WaitsForPlace"},
                                                {"message", ""},
                                                {"lastTransitionTime", "2026-01-01T00:00:00Z"}}})}};
  EXPECT_TRUE(looked_at(wired.world.runs, run));
  run["status"] = {{"phase", "Running"}, {"pin", {{"revision", "r"}, {"workspace", "ws"}}}};
  wired.change(wired.world.runs, run);
  run["status"]["counts"] = {{"total", 3}};
  EXPECT_FALSE(looked_at(wired.world.runs, run)) << "its progress";
  run["status"]["phase"] = "Cancelled";
  EXPECT_TRUE(looked_at(wired.world.runs, run));
  json pod = json::parse(R"({"metadata": {"name": "p", "namespace": "team-a", "uid": "p", "labels": {
    "atelier.dev/component": "task", "atelier.dev/run": "run-1", "atelier.dev/run-uid": "run-uid"}},
    "status": {"phase": "Failed"}})");
  EXPECT_TRUE(looked_at(wired.world.pods, pod)) << "the last of its pods may have been at work";
  wired.workspaces.clear();
  wired.add(wired.world.runs);
  EXPECT_TRUE(wired.workspaces.contains("team-a/ws")) << "the run is deleted";
}

TEST(Wiring, LooksAtPipelinesAndWaitingRunsWhenTheirTenantGrantsOther) {
  Wired wired;
  const json tenant = json::parse(R"({"metadata": {"name": "bd", "uid": "bd-uid"}, "spec": {"namespaces": ["bd01"]}})");
  wired.add(wired.world.tenants, tenant);
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.tenants, tenant);
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{})) << "nothing has changed";
  json granted = tenant;
  granted["spec"]["allowedPriorityClasses"] = {"batch"};
  wired.add(wired.world.tenants, granted);
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{"daily", "run-1"}));
}

TEST(Wiring, LooksAtPipelinesAndWaitingRunsWhenTheirDataDomainAdmitsOthers) {
  Wired wired;
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.domains, wired.domain("dd01", "a"));
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{"daily", "run-1"}));
}

TEST(Wiring, LooksAtRunsUnderWayWhenTheirWorkspaceMayNotBeAdmittedAnyMore) {
  Wired wired;
  wired.run["status"]["pin"] = {{"revision", "rev"}, {"workspace", "ws"}};
  wired.add(wired.world.runs, wired.run);
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.domains, wired.domain("dd01", "a"));
  EXPECT_TRUE(wired.pipelines_and_runs.contains("run-1"));
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.workspaces);
  EXPECT_TRUE(wired.pipelines_and_runs.contains("run-1"));
  wired.run["status"]["completionTime"] = "2026-01-01T00:00:00Z";
  wired.add(wired.world.runs, wired.run);
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.workspaces, wired.workspace);
  EXPECT_FALSE(wired.pipelines_and_runs.contains("run-1")) << "it is over";
}

TEST(Wiring, LooksAtTheTenantsOfANamespaceAndOfWhatIsInIt) {
  Wired wired;
  json ns = json::parse(
      R"({"metadata": {"name": "bd01", "uid": "ns-uid", "labels": {"atelier.dev/business-domain": "former"}}})");
  wired.add(wired.world.namespaces, ns);
  EXPECT_EQ(wired.tenants, (std::set<std::string>{"bd", "former"}));
  json quota = json::parse(R"({"metadata": {"name": "atelier", "namespace": "bd01", "uid": "q-uid",
    "labels": {"atelier.dev/business-domain": "other"}}, "spec": {"hard": {"pods": "1"}}})");
  wired.add(wired.world.quotas, quota);
  EXPECT_TRUE(wired.tenants.contains("other"));
  wired.tenants.clear();
  quota["metadata"]["resourceVersion"] = "2";
  quota["status"] = {{"used", {{"pods", "1"}}}};
  wired.change(wired.world.quotas, quota);
  EXPECT_TRUE(wired.tenants.empty()) << "a pod more is no change of the quota";
  quota["spec"]["hard"]["pods"] = "9";
  wired.change(wired.world.quotas, quota);
  EXPECT_TRUE(wired.tenants.contains("other"));
  wired.add(wired.world.tenants,
            json::parse(R"({"metadata": {"name": "bd", "uid": "bd-uid"}, "spec": {"namespaces": ["bd01"]}})"),
            json::parse(R"({"metadata": {"name": "second", "uid": "second-uid"}, "spec": {"namespaces": ["bd01"]}})"));
  wired.tenants.clear();
  wired.add(wired.world.tenants,
            json::parse(R"({"metadata": {"name": "second", "uid": "second-uid"}, "spec": {"namespaces": ["bd01"]}})"));
  EXPECT_TRUE(wired.tenants.contains("second")) << "the namespace of the one that is gone may be its own now";
}

TEST(Wiring, LooksAtTheDataDomainsOfANamespaceThatMayHaveAnotherHolder) {
  Wired wired;
  const json younger =
      json::parse(R"({"metadata": {"name": "bd", "uid": "bd-uid"}, "spec": {"namespaces": ["bd01"]}})");
  const json older = json::parse(R"({"metadata": {"name": "a", "uid": "a-uid"}, "spec": {"namespaces": ["bd01"]}})");
  wired.add(wired.world.tenants, younger, older);
  wired.domains.clear();
  wired.workspaces.clear();
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.tenants, younger);
  EXPECT_TRUE(wired.domains.contains("dd01")) << "though it names the one that is left";
  EXPECT_TRUE(wired.workspaces.contains("team-a/ws"));
  EXPECT_TRUE(wired.pipelines_and_runs.contains("run-1"));
}

TEST(Wiring, LooksAtTheDataDomainOnceAWorkspaceGivesUpItsRelease) {
  Wired wired;
  wired.workspace["status"]["release"]["inputHash"] = "h";
  wired.add(wired.world.workspaces, wired.workspace);
  wired.domains.clear();
  wired.workspace["status"]["release"].erase("inputHash");
  wired.add(wired.world.workspaces, wired.workspace);
  EXPECT_TRUE(wired.domains.contains("dd01"));
}

TEST(Wiring, LooksAtARunThatWaitsForTheOneThatItRetries) {
  Wired wired;
  json later = wired.run;
  later["metadata"]["name"] = "run-2";
  later["metadata"]["uid"] = "run-2-uid";
  later["spec"]["retryOf"] = {{"name", "run-1"}, {"uid", "run-uid"}};
  json other = wired.run;
  other["metadata"]["name"] = "run-3";
  other["metadata"]["uid"] = "run-3-uid";
  wired.add(wired.world.runs, wired.run, later, other);
  wired.pipelines_and_runs.clear();
  wired.change(wired.world.runs, wired.run);
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{"run-1", "run-2"}));
  later["status"]["pin"]["revision"] = "rev";
  wired.change(wired.world.runs, later);
  wired.pipelines_and_runs.clear();
  wired.change(wired.world.runs, wired.run);
  EXPECT_EQ(wired.pipelines_and_runs, (std::set<std::string>{"run-1"})) << "it has started";
}

TEST(Wiring, LooksAtAPipelineThatKeepsFewRunsWhenOneEndsOrGoes) {
  Wired wired;
  json over = wired.run;
  over["status"] = {{"phase", "Succeeded"}, {"completionTime", "2026-01-01T00:00:00Z"}};
  wired.change(wired.world.runs, over);
  EXPECT_FALSE(wired.pipelines_and_runs.contains("daily")) << "it keeps all";
  wired.pipeline["spec"]["history"]["failedRuns"] = 3;
  wired.add(wired.world.pipelines, wired.pipeline);
  wired.pipelines_and_runs.clear();
  wired.change(wired.world.runs, wired.run);
  EXPECT_FALSE(wired.pipelines_and_runs.contains("daily")) << "it goes on";
  wired.change(wired.world.runs, over);
  EXPECT_TRUE(wired.pipelines_and_runs.contains("daily"));
  wired.pipelines_and_runs.clear();
  wired.add(wired.world.runs);
  EXPECT_TRUE(wired.pipelines_and_runs.contains("daily"));
}

TEST(Wiring, LooksAtATaskPodToDeleteOnceItIsLetGo) {
  Wired wired;
  json pod = json::parse(R"({"metadata": {"name": "p", "namespace": "team-a", "uid": "p", "finalizers":
    ["atelier.dev/result"], "labels": {"atelier.dev/component": "task", "atelier.dev/run": "run-1"}},
    "status": {"phase": "Succeeded"}})");
  wired.add(wired.world.pods, pod);
  EXPECT_TRUE(wired.pods.empty());
  pod["metadata"]["finalizers"] = json::array();
  wired.add(wired.world.pods, pod);
  EXPECT_TRUE(wired.pods.contains("p"));
  wired.pods.clear();
  wired.add(wired.world.pods);
  EXPECT_TRUE(wired.pods.contains("p")) << "it need not be waited for any more";
}

}  // namespace
}  // namespace atelier::reconcile
