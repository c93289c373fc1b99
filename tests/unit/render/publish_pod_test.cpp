#include "render/publish_pod.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/labels.h"
#include "unit/render/restricted.h"

namespace atelier::render {
namespace {

using nlohmann::json;

api::DataDomain domain() {
  api::DataDomain out;
  out.metadata.name = "dd01";
  out.metadata.ns = "bd01";
  out.metadata.uid = Uid{"domain-uid"};
  out.spec.key = "dd01";
  out.spec.storage = {"storage-hellodata", {50000, 50001}};
  out.spec.pull_secrets = {{"regcred"}};
  return out;
}

api::Workspace workspace() {
  api::Workspace out;
  out.metadata.name = "ws-boilerplate";
  out.metadata.ns = "team-a";
  out.metadata.uid = Uid{"workspace-uid"};
  out.metadata.generation = 7;
  out.spec.image.repository = "registry.local/ws";
  out.spec.image.tag = "0.1.0";
  out.spec.dags.path = "/usr/src/app/dags";
  return out;
}

api::StagingStep step(std::string name, std::string image, std::vector<std::string> command) {
  api::StagingStep out;
  out.name = std::move(name);
  out.image = std::move(image);
  out.command = std::move(command);
  return out;
}

json steps_of(const json& pod) {
  json all = pod["spec"]["initContainers"];
  for (const json& container : pod["spec"]["containers"]) all.push_back(container);
  return all;
}

bool mounts(const json& container, const char* volume) {
  for (const json& mount : container["volumeMounts"]) {
    if (mount["name"] == volume) return true;
  }
  return false;
}

TEST(PublishPod, RunsItsStepsInOrder) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("render", "", {"make"})};
  json names = json::array();
  for (const json& each : steps_of(publish_pod(team, domain(), "stage:1"))) names.push_back(each["name"]);
  EXPECT_EQ(names, json::parse(R"(["tools", "stage", "step-render", "check", "publish"])"));
}

TEST(PublishPod, NeverMountsTheStorageIntoTheTeamsImage) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("own", "else:1", {"make"})};
  for (const json& each : steps_of(publish_pod(team, domain(), "stage:1"))) {
    EXPECT_EQ(mounts(each, "storage"), each["name"] == "publish") << each["name"];
    if (each["image"] != "stage:1") {
      EXPECT_FALSE(mounts(each, "check")) << each["name"];
    }
  }
}

TEST(PublishPod, MountsOnlyTheDomainsFolder) {
  const json pod = publish_pod(workspace(), domain(), "stage:1");
  const json mounts = pod["spec"]["containers"][0]["volumeMounts"];
  EXPECT_EQ(mounts.back()["subPath"], "dd01");
}

TEST(PublishPod, MeetsTheRestrictedStandardAsTheStoragesOwner) {
  const json pod = publish_pod(workspace(), domain(), "stage:1");
  expect_restricted(pod["spec"]);
  EXPECT_EQ(pod["spec"]["securityContext"]["runAsUser"], 50000);
  EXPECT_EQ(pod["spec"]["securityContext"]["fsGroup"], 50001);
}

TEST(PublishPod, RefersToNoSecretButThePullSecretsOfTheDomain) {
  const json pod = publish_pod(workspace(), domain(), "stage:1");
  EXPECT_EQ(pod["spec"]["imagePullSecrets"], json::parse(R"([{"name": "regcred"}])"));
  json rest = pod;
  rest["spec"].erase("imagePullSecrets");
  EXPECT_EQ(rest.dump().find("ecret"), std::string::npos);
}

TEST(PublishPod, HasOneConstantNameAWorkspace) {
  api::Workspace other = workspace();
  other.metadata.generation = 8;
  other.spec.image.tag = "0.2.0";
  const auto name = [](const api::Workspace& ws) { return publish_pod(ws, domain(), "s")["metadata"]["name"]; };
  EXPECT_EQ(name(workspace()), name(other));
  other.metadata.ns = "team-b";
  EXPECT_NE(name(workspace()), name(other));
}

TEST(PublishPod, GivesThePublisherItsSequenceAndOwner) {
  const std::string command = publish_pod(workspace(), domain(), "s")["spec"]["containers"][0]["command"].dump();
  EXPECT_NE(command.find(R"("--uid","workspace-uid","--sequence","7","--keep-releases","5")"), std::string::npos);
}

TEST(PublishPod, ExpandsVariablesOfTeamStepsAndMountsTheStagingAreaWhereTheyExpectIt) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("copy", "", {"/bin/sh", "-c"})};
  team.spec.init_containers[0].args = {"rm -rf /storage/${datadomain}/dags/${workspace}/*"};
  const json copy = publish_pod(team, domain(), "s")["spec"]["initContainers"][2];
  EXPECT_EQ(copy["args"][0], "rm -rf /storage/dd01/dags/ws-boilerplate/*");
  EXPECT_EQ(copy["volumeMounts"], json::parse(R"([{"name": "staging", "mountPath": "/storage"}])"));
}

TEST(PublishInputHash, ChangesWithWhatIsPublishedAndOnlyWithThat) {
  const std::string before = publish_input_hash(workspace(), domain());
  api::Workspace same = workspace();
  same.metadata.generation = 8;
  same.spec.env = {{"A", "b", {}}};
  same.spec.dags.keep_releases = 2;
  EXPECT_EQ(publish_input_hash(same, domain()), before);
  api::Workspace tag = workspace();
  tag.spec.image.tag = "0.2.0";
  EXPECT_NE(publish_input_hash(tag, domain()), before);
  api::DataDomain moved = domain();
  moved.spec.storage.owner.uid = 1;
  EXPECT_NE(publish_input_hash(workspace(), moved), before);
}

std::string pod_hash(const json& pod) { return pod["metadata"]["annotations"][kPodHash]; }

TEST(PublishPod, TellsByAHashWhetherItWouldBeAnotherPodNow) {
  const std::string before = pod_hash(publish_pod(workspace(), domain(), "stage:1"));
  EXPECT_EQ(pod_hash(publish_pod(workspace(), domain(), "stage:1")), before);
  EXPECT_NE(pod_hash(publish_pod(workspace(), domain(), "stage:2")), before);
  api::DataDomain secrets = domain();
  secrets.spec.pull_secrets.push_back({"more"});
  EXPECT_NE(pod_hash(publish_pod(workspace(), secrets, "stage:1")), before);
  api::Workspace policy = workspace();
  policy.spec.image.pull_policy = "Always";
  EXPECT_NE(pod_hash(publish_pod(policy, domain(), "stage:1")), before);
  EXPECT_NE(pod_hash(sweep_pod(domain(), {}, "stage:1")), pod_hash(sweep_pod(domain(), {}, "stage:2")));
}

TEST(PublishPod, EndsAfterHalfAnHourAndSoDoesASweep) {
  EXPECT_EQ(publish_pod(workspace(), domain(), "s")["spec"]["activeDeadlineSeconds"], 1800);
  EXPECT_EQ(sweep_pod(domain(), {}, "s")["spec"]["activeDeadlineSeconds"], 1800);
}

TEST(SweepPod, NamesWhatItRemovesAndWhose) {
  const json pod = sweep_pod(domain(), {{"gone", "team-a", Uid{"u1"}}}, "stage:1");
  expect_restricted(pod["spec"]);
  EXPECT_EQ(pod["spec"]["containers"][0]["command"],
            json::parse(R"(["/atelier-stage", "sweep", "--storage", "/storage", "--remove", "gone=u1"])"));
}

}  // namespace
}  // namespace atelier::render
