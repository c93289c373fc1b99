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

TEST(PublishPod, PullsWhatWasChosenByItsDigestAndCallsItByItsTag) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("render", "", {"make"})};
  const json named = publish_pod(team, domain(), "stage:1");
  const std::string hash = publish_input_hash(team, domain());
  team.spec.image.follow.emplace().tag = std::exchange(team.spec.image.tag, "");
  const std::string pinned = team.spec.image.repository + "@sha256:11";
  team.status.image = {team.spec.image.repository, "0.1.0", "sha256:11", "tag \"0.1.0\"", {}};
  team.status.sequence_offset = 5;
  const json pod = publish_pod(team, domain(), "stage:1");
  EXPECT_EQ(pod["spec"]["initContainers"][1]["image"], pinned);
  EXPECT_EQ(pod["spec"]["initContainers"][2]["image"], pinned);
  EXPECT_EQ(pod["metadata"]["annotations"][kImage], named["metadata"]["annotations"][kImage]);
  EXPECT_EQ(pod["metadata"]["annotations"][kImageDigest], pinned);
  EXPECT_EQ(pod.dump().find(":0.1.0\"", pod.dump().find("\"spec\"")), std::string::npos) << "no tag is pulled";
  EXPECT_NE(publish_input_hash(team, domain()), hash);
  team.status.image->tag = "0.2.0";
  EXPECT_EQ(pod["metadata"]["annotations"][kInputHash], publish_input_hash(team, domain())) << "it is the same image";
}

TEST(PublishPod, RunsTheTeamsChecksOnWhatItsStepsLeft) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("render", "", {"make"})};
  team.spec.dags.checks = {{"lint", "", {"lint", "/storage/${datadomain}/dags/${workspace}"}, {"--strict"}},
                           {"load", "else:1", {}, {}}};
  const json pod = publish_pod(team, domain(), "stage:1");
  json names = json::array();
  for (const json& each : steps_of(pod)) names.push_back(each["name"]);
  EXPECT_EQ(names, json::parse(R"(["tools", "stage", "step-render", "check-lint", "check-load", "check", "publish"])"));
  const json& lint = pod["spec"]["initContainers"][3];
  EXPECT_EQ(lint["image"], team.spec.image.reference());
  EXPECT_EQ(lint["command"], json::parse(R"(["lint", "/storage/dd01/dags/ws-boilerplate"])"));
  EXPECT_EQ(lint["args"], json::parse(R"(["--strict"])"));
  EXPECT_EQ(lint["env"], json::parse(R"([{"name": "ATELIER_DAGS", "value": "/storage/dd01/dags/ws-boilerplate"}])"));
  EXPECT_EQ(lint["terminationMessagePolicy"], "FallbackToLogsOnError");
  const json& load = pod["spec"]["initContainers"][4];
  EXPECT_EQ(load["image"], "else:1");
  EXPECT_FALSE(load.contains("command"));
  for (const json& check : {lint, load}) {
    EXPECT_EQ(check["volumeMounts"],
              json::parse(R"([{"name": "staging", "mountPath": "/storage", "readOnly": true}])"));
  }
  expect_restricted(pod["spec"]);
}

TEST(PublishInput, ChangesWithTheChecksAndOnlyWhereThereAreSome) {
  api::Workspace team = workspace();
  const std::string none = publish_input_hash(team, domain());
  EXPECT_EQ(none, publish_input_hash(workspace(), domain()));
  team.spec.dags.checks = {{"lint", "", {"lint"}, {}}};
  const std::string one = publish_input_hash(team, domain());
  EXPECT_NE(one, none);
  team.spec.dags.checks[0].args = {"--strict"};
  EXPECT_NE(publish_input_hash(team, domain()), one);
}

api::DataDomain domain_with_airflow() {
  api::DataDomain out = domain();
  out.spec.airflow.emplace().image = "registry.local/airflow:2.10.5";
  return out;
}

TEST(PublishPod, AsksTheDomainsAirflowForTheDagIdsAndNothingElse) {
  api::Workspace team = workspace();
  team.spec.dags.checks = {{"lint", "", {"lint"}, {}}};
  const json pod = publish_pod(team, domain_with_airflow(), "stage:1");
  json names = json::array();
  for (const json& each : steps_of(pod)) names.push_back(each["name"]);
  EXPECT_EQ(names, json::parse(R"(["tools", "stage", "check-lint", "airflow-dag-ids", "check", "publish"])"));
  json ask = pod["spec"]["initContainers"][3];
  const json command = ask["command"];
  ASSERT_EQ(command.size(), 5U);
  EXPECT_EQ(command[2].get<std::string>().rfind("\"\"\"Writes down what Airflow finds", 0), 0U);
  EXPECT_EQ(command[3], "/opt/airflow/dags/ws-boilerplate");
  EXPECT_EQ(command[4], "/dag-ids/found.json");
  ask["command"] = {command[0], command[1]};
  EXPECT_EQ(ask, json::parse(R"({
    "name": "airflow-dag-ids", "image": "registry.local/airflow:2.10.5", "imagePullPolicy": "IfNotPresent",
    "command": ["python3", "-c"],
    "env": [{"name": "HOME", "value": "/tmp"}, {"name": "AIRFLOW_HOME", "value": "/tmp/airflow"},
            {"name": "AIRFLOW__CORE__DAGS_FOLDER", "value": "/opt/airflow/dags"},
            {"name": "AIRFLOW__CORE__LOAD_EXAMPLES", "value": "False"},
            {"name": "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "value": "sqlite:////tmp/airflow/airflow.db"},
            {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"},
            {"name": "PYTHONUSERBASE", "value": "/home/airflow/.local"}],
    "volumeMounts": [
      {"name": "staging", "mountPath": "/opt/airflow/dags", "subPath": "dd01/dags", "readOnly": true},
      {"name": "airflow", "mountPath": "/tmp"}, {"name": "dag-ids", "mountPath": "/dag-ids"}],
    "resources": {"requests": {"cpu": "10m", "memory": "256Mi"}, "limits": {"memory": "2Gi"}},
    "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": true},
    "terminationMessagePolicy": "FallbackToLogsOnError"})"));
  expect_restricted(pod["spec"]);
  for (const json& volume : pod["spec"]["volumes"]) {
    if (volume.contains("emptyDir")) {
      EXPECT_TRUE(volume["emptyDir"].contains("sizeLimit")) << volume;
    }
  }
}

TEST(PublishPod, ReadsWhatAirflowFoundInTheStepsOfItsOwnImageOnly) {
  const json steps = steps_of(publish_pod(workspace(), domain_with_airflow(), "stage:1"));
  for (const json& each : steps) {
    const bool reads = each["name"] == "check" || each["name"] == "publish";
    EXPECT_EQ(each["command"].dump().find(R"("--airflow-dags","/dag-ids/found.json")") != std::string::npos, reads);
    if (!reads) continue;
    EXPECT_NE(each["volumeMounts"].dump().find(R"({"mountPath":"/dag-ids","name":"dag-ids","readOnly":true})"),
              std::string::npos);
  }
}

TEST(PublishPod, ShowsAirflowTheDagsWhereItWouldHaveThem) {
  api::DataDomain elsewhere = domain_with_airflow();
  elsewhere.spec.airflow->dags_path = "/srv/dags";
  const json ask = publish_pod(workspace(), elsewhere, "stage:1")["spec"]["initContainers"][2];
  EXPECT_EQ(ask["command"][3], "/srv/dags/ws-boilerplate");
  EXPECT_EQ(ask["volumeMounts"][0]["mountPath"], "/srv/dags");
  EXPECT_NE(publish_input_hash(workspace(), elsewhere), publish_input_hash(workspace(), domain_with_airflow()));
}

TEST(PublishInput, ChangesWithTheImageOfAirflowAndOnlyWhereThereIsOne) {
  api::DataDomain some = domain();
  some.spec.airflow.emplace().restart.deployments = {"scheduler"};
  EXPECT_EQ(publish_input_hash(workspace(), some), publish_input_hash(workspace(), domain()));
  EXPECT_EQ(publish_pod(workspace(), some, "s")["spec"], publish_pod(workspace(), domain(), "s")["spec"]);
  EXPECT_NE(publish_input_hash(workspace(), domain_with_airflow()), publish_input_hash(workspace(), domain()));
  api::DataDomain newer = domain_with_airflow();
  newer.spec.airflow->image = "registry.local/airflow:3.1.0";
  EXPECT_NE(publish_input_hash(workspace(), newer), publish_input_hash(workspace(), domain_with_airflow()));
}

TEST(PublishPod, ThatGoesBackToAReleaseNeedsNoImageOfTheTeam) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("render", "", {"make"})};
  team.spec.dags.release = "abcdef012345";
  team.status.releases = {{"ffff", "registry.local/ws:2", "registry.local/ws@sha256:22", {}},
                          {"abcdef0123456789", "registry.local/ws:1", "registry.local/ws@sha256:11", {}}};
  const json pod = publish_pod(team, domain(), "stage:1");
  EXPECT_FALSE(pod["spec"].contains("initContainers"));
  EXPECT_FALSE(pod["spec"].contains("imagePullSecrets"));
  EXPECT_EQ(pod["spec"]["volumes"].size(), 1U);
  const json command = pod["spec"]["containers"][0]["command"];
  EXPECT_EQ(command[1], "rollback");
  EXPECT_EQ(command[command.size() - 1], "abcdef012345");
  EXPECT_EQ(pod["metadata"]["annotations"][kImage], "registry.local/ws:1");
  EXPECT_EQ(pod["metadata"]["annotations"][kImageDigest], "registry.local/ws@sha256:11");
  expect_restricted(pod["spec"]);
}

TEST(PublishPod, ThatGoesBackToAReleaseOfUnknownOriginKeepsTheImage) {
  api::Workspace team = workspace();
  team.spec.dags.release = "adopted-20270115T080000Z";
  team.status.release.emplace();
  team.status.release->image = "registry.local/ws:9";
  team.status.release->image_digest = "registry.local/ws@sha256:99";
  const json pod = publish_pod(team, domain(), "stage:1");
  EXPECT_EQ(pod["metadata"]["annotations"][kImage], "registry.local/ws:9");
  EXPECT_EQ(pod["metadata"]["annotations"][kImageDigest], "registry.local/ws@sha256:99");
}

TEST(PublishPod, ThatGoesBackToAReleaseClaimsNoImageForOneOfUnknownOrigin) {
  api::Workspace team = workspace();
  team.spec.image.tag.clear();
  team.spec.image.follow.emplace().semver = "^1";
  team.status.image = {team.spec.image.repository, "1.2.3", "sha256:11", "semver \"^1\"", {}};
  EXPECT_TRUE(publish_pod(team, domain(), "stage:1")["metadata"]["annotations"].contains(kImageDigest));
  team.spec.dags.release = "adopted-20270115T080000Z";
  EXPECT_FALSE(publish_pod(team, domain(), "stage:1")["metadata"]["annotations"].contains(kImageDigest));
}

TEST(PublishPod, ForANodeIsTheSamePodElsewhere) {
  const json pod = publish_pod(workspace(), domain(), "stage:1");
  EXPECT_EQ(on_node(pod, ""), pod);
  const json bound = on_node(pod, "node-7");
  EXPECT_EQ(bound["metadata"]["annotations"][kPodHash], pod["metadata"]["annotations"][kPodHash]);
  EXPECT_EQ(bound["spec"]["affinity"],
            json::parse(R"({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
    {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-7"]}]}]}}})"));
}

TEST(PublishPod, TellsThePublisherHowLongReleasesStay) {
  api::Workspace team = workspace();
  team.spec.dags.keep_releases = 9;
  team.spec.dags.max_release_age = std::chrono::hours{2};
  const std::string command = publish_pod(team, domain(), "stage:1")["spec"]["containers"][0]["command"].dump();
  EXPECT_NE(command.find(R"("--keep-releases","9","--max-age-seconds","7200")"), std::string::npos) << command;
}

TEST(PublishInput, OfAReleaseDoesNotDependOnTheImage) {
  api::Workspace team = workspace();
  const std::string before = publish_input_hash(team, domain());
  team.spec.dags.release = "abcdef012345";
  const std::string pinned = publish_input_hash(team, domain());
  EXPECT_NE(pinned, before);
  team.spec.image.tag = "other";
  EXPECT_EQ(publish_input_hash(team, domain()), pinned);
  team.spec.dags.release = "abcdef012346";
  EXPECT_NE(publish_input_hash(team, domain()), pinned);
}

TEST(PublishPod, NeverMountsTheStorageIntoTheTeamsImage) {
  api::Workspace team = workspace();
  team.spec.init_containers = {step("own", "else:1", {"make"})};
  for (const json& each : steps_of(publish_pod(team, domain_with_airflow(), "stage:1"))) {
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
  const json pod = publish_pod(workspace(), domain_with_airflow(), "stage:1");
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
  EXPECT_NE(command.find(R"("--uid","workspace-uid","--sequence","7",)"), std::string::npos);
  EXPECT_NE(command.find(R"("--keep-releases","5")"), std::string::npos);
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
