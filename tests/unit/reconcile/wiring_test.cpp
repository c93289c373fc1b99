#include "reconcile/wiring.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// Which DataDomains, pipelines and runs are looked at again.
struct Wired : testing::RunWorld {
  Wired() {
    const auto ignore = [](const ObjectKey&, kube::Priority) {};
    const auto into = [this](const ObjectKey& key, kube::Priority) { domains.insert(key.name); };
    const auto others = [this](const ObjectKey& key, kube::Priority) { pipelines_and_runs.insert(key.name); };
    wire(world, Enqueue{ignore, into, ignore, others, others});
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

  std::set<std::string> domains;
  std::set<std::string> pipelines_and_runs;
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

TEST(Wiring, LooksAtTheDataDomainOnceAWorkspaceGivesUpItsRelease) {
  Wired wired;
  wired.workspace["status"]["release"]["inputHash"] = "h";
  wired.add(wired.world.workspaces, wired.workspace);
  wired.domains.clear();
  wired.workspace["status"]["release"].erase("inputHash");
  wired.add(wired.world.workspaces, wired.workspace);
  EXPECT_TRUE(wired.domains.contains("dd01"));
}

}  // namespace
}  // namespace atelier::reconcile
