#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "atelier/yaml/document.h"
#include "cli/checkup.h"
#include "cli/reach.h"
#include "support/source_dir.h"
#include "unit/cli/command_line.h"

namespace atelier::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

const WallTime kNow = parse_time("2026-01-01T01:00:00Z").value();

Error error(Errc code, int status) {
  Error out{code, "no"};
  out.http_status = status;
  return out;
}

json lease(const char* holder, const char* renewed) {
  return {{"metadata", {{"resourceVersion", "1"}}},
          {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", 15}, {"renewTime", renewed}}}};
}

TEST(Checkup, AClusterThatIsTooOldIsSaidToBe) {
  EXPECT_EQ(check_version(json{{"gitVersion", "v1.35.4"}, {"major", "1"}, {"minor", "35"}}, "here").verdict,
            Verdict::good);
  EXPECT_EQ(check_version(json{{"gitVersion", "v1.34+"}, {"major", "1"}, {"minor", "34+"}}, "here").verdict,
            Verdict::good);
  EXPECT_EQ(check_version(json{{"gitVersion", "v1.33.1"}, {"major", "1"}, {"minor", "33"}}, "here"),
            (Checked{Verdict::bad, "Kubernetes v1.33.1 is too old", "an administrator upgrades it to 1.34 or later"}));
  EXPECT_EQ(check_version(error(Errc::transport, 0), "here").verdict, Verdict::bad);
}

TEST(Checkup, KindsThatLackAreNamed) {
  json all = json::array();
  for (const char* name : {"businessdomains", "datadomains", "workspaces", "pipelines", "pipelineruns"}) {
    all.push_back({{"name", name}});
  }
  EXPECT_EQ(check_kinds(json{{"resources", all}}).words, "the cluster lacks approvals.atelier.dev");
  all.push_back({{"name", "approvals"}});
  EXPECT_EQ(check_kinds(json{{"resources", all}}).verdict, Verdict::good);
  EXPECT_EQ(check_kinds(error(Errc::server, 404)).verdict, Verdict::bad);
  EXPECT_EQ(check_kinds(error(Errc::forbidden, 403)).verdict, Verdict::unknown);
}

TEST(Checkup, FieldsThatAnOlderVersionLacksAreNamed) {
  const json dags = {{"properties",
                      {{"path", json::object()},
                       {"include", json::object()},
                       {"keepReleases", json::object()},
                       {"maxReleaseAge", json::object()},
                       {"checks", json::object()}}}};
  const json workspace = {{"properties", {{"spec", {{"properties", {{"dags", dags}}}}}, {"status", json::object()}}}};
  const Checked checked =
      check_fields(json{{"components", {{"schemas", {{"dev.atelier.v1alpha1.Workspace", workspace}}}}}});
  EXPECT_EQ(checked.verdict, Verdict::bad);
  EXPECT_THAT(checked.words, HasSubstr("Workspace spec.dataDomain"));
  EXPECT_THAT(checked.words, HasSubstr(" more"));
}

TEST(Checkup, TheKindsOfThisVersionLackNothing) {
  json schemas = json::object();
  for (const auto& file : std::filesystem::directory_iterator(atelier::testing::source_dir() + "/crds")) {
    if (file.path().filename() == "kustomization.yaml") continue;
    std::ifstream in(file.path());
    const auto documents = yaml::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_TRUE(documents) << file.path();
    const json& spec = documents.value().at(0).value["spec"];
    schemas["dev.atelier.v1alpha1." + spec["names"]["kind"].get<std::string>()] =
        spec["versions"][0]["schema"]["openAPIV3Schema"];
  }
  EXPECT_EQ(schemas.size(), 6U);
  EXPECT_EQ(check_fields(json{{"components", {{"schemas", schemas}}}}).words,
            "they have every field that this version knows");
}

TEST(Checkup, ALeaseThatIsNotRenewedMeansThatNobodyRuns) {
  EXPECT_EQ(check_lease(lease("op-1", "2026-01-01T00:59:55.000000Z"), "sys", kNow).words, "the operator runs: op-1");
  EXPECT_EQ(check_lease(lease("op-1", "2026-01-01T00:59:00.000000Z"), "sys", kNow).words,
            "the operator is not running: its lease was renewed last 60s ago");
  EXPECT_EQ(check_lease(lease("", "2026-01-01T00:59:59.000000Z"), "sys", kNow).verdict, Verdict::bad);
  EXPECT_EQ(check_lease(error(Errc::not_found, 404), "sys", kNow).verdict, Verdict::bad);
  EXPECT_EQ(
      check_lease(error(Errc::forbidden, 403), "sys", kNow),
      (Checked{Verdict::unknown, "you may not look at the operator's lease", "an administrator can: atelier doctor"}));
}

TEST(Checkup, AnApprovalPolicyThatIsNotThereIsToldWithTheRemedy) {
  const Checked checked = check_approval_policy(error(Errc::not_found, 404), error(Errc::not_found, 404), kNow);
  EXPECT_EQ(checked.verdict, Verdict::bad);
  EXPECT_THAT(checked.remedy, HasSubstr("kubectl replace --force -f deploy/base/approval-policy.yaml"));
}

TEST(Checkup, ADefaultStorageClassIsNamed) {
  const json annotations = {{"storageclass.kubernetes.io/is-default-class", "true"}};
  EXPECT_EQ(
      check_storage_class(json{{"items", {{{"metadata", {{"name", "fast"}, {"annotations", annotations}}}}}}}).words,
      "storage class fast is the default");
  EXPECT_EQ(check_storage_class(json{{"items", json::array()}}).verdict, Verdict::bad);
  const json other = {{"metadata", {{"name", "slow"}}}};
  EXPECT_EQ(check_storage_class(json{{"items", json::array({other})}}).verdict, Verdict::unknown)
      << "claims can name their own";
}

TEST(Checkup, PermissionsThatLackAreNamedWithWhoCanGiveThem) {
  const Permission logs{"get", "", "pods", "log"};
  EXPECT_EQ(check_permissions("look", "a", "viewers", true, {{logs, true}}).words, "you may look in namespace a");
  EXPECT_EQ(check_permissions("look", "a", "viewers", true, {{logs, false}}),
            (Checked{Verdict::bad, "you may not look in namespace a: you lack get pods/log",
                     "ask the owner of its BusinessDomain to add you to spec.access.viewers"}));
  EXPECT_EQ(check_permissions("change", "a", "engineers", false, {{logs, false}}).verdict, Verdict::unknown);
}

api::Workspace workspace(const char* name, const char* repository) {
  api::Workspace out;
  out.metadata.name = name;
  out.metadata.ns = "team-a";
  out.spec.image.repository = repository;
  return out;
}

meta::Condition condition(const char* type, meta::ConditionStatus status, const char* reason, const char* message) {
  meta::Condition out;
  out.type = type;
  out.status = status;
  out.reason = reason;
  out.message = message;
  return out;
}

TEST(Reach, ARegistryIsJudgedByWhatOperatorAndNodesMet) {
  api::Workspace good = workspace("good", "registry.local:5000/team/good");
  good.status.release.emplace();
  EXPECT_EQ(check_registries({good}),
            (std::vector<Checked>{
                {Verdict::good, "registry registry.local:5000 gave images to 1 of the Workspaces here", ""}}));
  api::Workspace bad = workspace("bad", "registry.local:5000/team/bad");
  bad.status.conditions.push_back(
      condition("Ready", meta::ConditionStatus::false_, "ImagePullFailed", "connection refused"));
  EXPECT_EQ(check_registries({good, bad}),
            (std::vector<Checked>{{Verdict::bad,
                                   "registry registry.local:5000 gives no image to Workspace team-a/bad: connection "
                                   "refused",
                                   "see: atelier describe workspace bad"}}));
  api::Workspace followed = workspace("followed", "nginx");
  followed.status.release.emplace();
  followed.status.conditions.push_back(
      condition("ImageFollowed", meta::ConditionStatus::false_, "RegistryUnreachable", "no answer"));
  EXPECT_EQ(check_registries({followed}).at(0).verdict, Verdict::bad) << "what is live was pulled before";
  followed.status.conditions.front().reason = "NoSuchTag";
  EXPECT_EQ(check_registries({followed}).at(0).words, "registry docker.io gave images to 1 of the Workspaces here");
}

TEST(Reach, ARegistryThatWasNotAskedIsUnknown) {
  EXPECT_EQ(check_registries({workspace("new", "r/new")}).at(0).verdict, Verdict::unknown);
  EXPECT_TRUE(check_registries({workspace("invalid", "///")}).empty());
}

TEST(Reach, AirflowThatLacksVariablesIsToldInTheOperatorsWords) {
  api::DataDomain domain;
  domain.metadata.name = "dd";
  domain.metadata.ns = "bd";
  EXPECT_EQ(check_airflow(domain).verdict, Verdict::unknown);
  domain.status.conditions.push_back(condition("AirflowEnv", meta::ConditionStatus::true_, "Merged", "all"));
  EXPECT_EQ(check_airflow(domain).verdict, Verdict::good);
  domain.status.conditions.push_back(condition("AirflowCurrent", meta::ConditionStatus::unknown, "Restarting", "soon"));
  EXPECT_EQ(check_airflow(domain).verdict, Verdict::good);
  domain.status.conditions.back() =
      condition("AirflowCurrent", meta::ConditionStatus::false_, "EnvNotMounted", "add these lines");
  EXPECT_EQ(check_airflow(domain).verdict, Verdict::bad);
  EXPECT_THAT(check_airflow(domain).words, HasSubstr("add these lines"));
}

TEST(Reach, AirflowIsUpWhereAPodIsReady) {
  const ObjectKey key{"bd", "scheduler"};
  EXPECT_EQ(check_airflow_workload("Deployment", key, json{{"status", {{"readyReplicas", 2}}}}),
            (Checked{Verdict::good, "Airflow's Deployment bd/scheduler is up: 2 ready", ""}));
  EXPECT_EQ(check_airflow_workload("Deployment", key, json{{"status", json::object()}}).verdict, Verdict::bad);
  EXPECT_EQ(check_airflow_workload("Deployment", key, error(Errc::not_found, 404)).verdict, Verdict::bad);
  EXPECT_EQ(check_airflow_workload("Deployment", key, error(Errc::forbidden, 403)).verdict, Verdict::unknown);
}

http::Response json_of(const json& document) { return {200, {}, document.dump()}; }

class Doctor : public CommandLine {
 public:
  // The API server answers these, and nothing else of what is asked.
  void knows(std::function<std::optional<http::Response>(const http::Request&)> what) {
    answer = [what = std::move(what)](const http::Request& request) -> std::optional<http::Response> {
      if (request.target == "/version") return json_of({{"gitVersion", "v1.35.4"}, {"major", "1"}, {"minor", "35"}});
      if (auto known = what(request)) return known;
      return http::Response{404, {}, R"({"kind":"Status","reason":"NotFound","message":"no"})"};
    };
  }
};

constexpr const char* kForbidden = R"({"kind":"Status","reason":"Forbidden","message":"you are not to know"})";
constexpr const char* kWorkspaceThatGetsNoImage =
    R"({"items": [{"metadata": {"name": "ws", "namespace": "team-a"},
        "spec": {"dataDomain": {"name": "dd", "namespace": "bd"}, "image": {"repository": "r.local/ws", "tag": "1"}, "dags": {"path": "/dags"}},
        "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "ImagePullFailed",
                                   "message": "no such host",
                                   "lastTransitionTime": "2026-01-01T00:00:00Z"}]}}]})";

TEST_F(Doctor, LooksAtRegistriesAndAirflowOfTheNamespacesWorkspaces) {
  knows([](const http::Request& request) -> std::optional<http::Response> {
    const auto ends = [&](const char* with) { return request.target.ends_with(with); };
    if (ends("/namespaces/team-a/workspaces")) return json_of(json::parse(kWorkspaceThatGetsNoImage));
    if (ends("/namespaces/bd/datadomains/dd")) {
      return json_of(json::parse(R"({"metadata": {"name": "dd", "namespace": "bd"},
          "spec": {"key": "dd", "businessDomain": {"name": "bd"},
                   "storage": {"claimName": "s", "owner": {"uid": 1, "gid": 1}},
                   "airflow": {"restart": {"deployments": ["scheduler"], "statefulSets": ["worker"]}}}})"));
    }
    if (ends("/namespaces/bd/deployments/scheduler")) return json_of({{"status", {{"readyReplicas", 1}}}});
    return std::nullopt;
  });
  const Said said = run({"doctor"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.out, HasSubstr("!! registry r.local gives no image to Workspace team-a/ws: no such host"));
  EXPECT_THAT(said.out, HasSubstr("?? nothing is known yet of Airflow of DataDomain bd/dd"));
  EXPECT_THAT(said.out, HasSubstr("OK Airflow's Deployment bd/scheduler is up: 1 ready"));
  EXPECT_THAT(said.out, HasSubstr("!! Airflow's StatefulSet bd/worker is not there"));
}

TEST_F(Doctor, SaysWhatItMayNotLookAt) {
  knows([](const http::Request& request) -> std::optional<http::Response> {
    const auto ends = [&](const char* with) { return request.target.ends_with(with); };
    if (ends("/namespaces/team-a/workspaces")) return json_of(json::parse(kWorkspaceThatGetsNoImage));
    if (ends("/namespaces/bd/datadomains/dd")) return http::Response{403, {}, kForbidden};
    return std::nullopt;
  });
  EXPECT_THAT(run({"doctor"}).out, HasSubstr("?? you may not look at Airflow of DataDomain bd/dd"));

  knows([](const http::Request& request) -> std::optional<http::Response> {
    if (!request.target.ends_with("/namespaces/team-a/workspaces")) return std::nullopt;
    return http::Response{403, {}, kForbidden};
  });
  EXPECT_THAT(run({"doctor"}).out,
              HasSubstr("?? you may not look at the registries and Airflow of the Workspaces in namespace team-a"));
}

TEST_F(Doctor, EndsWithOneWhenSomethingIsNotWell) {
  knows([](const http::Request& request) -> std::optional<http::Response> {
    if (request.target.find("selfsubjectaccessreviews") == std::string::npos) return std::nullopt;
    const bool creates = request.body.find("\"create\"") != std::string::npos;
    return json_of({{"status", {{"allowed", !creates}}}});
  });
  const Said said = run({"doctor"});
  EXPECT_EQ(said.code, kFailed);
  EXPECT_THAT(said.out, HasSubstr("OK Kubernetes v1.35.4 answers at https://cluster.test\n"));
  EXPECT_THAT(said.out, HasSubstr("!! the cluster lacks pipelineruns.atelier.dev"));
  EXPECT_THAT(said.out, HasSubstr("OK you may look at runs"));
  EXPECT_THAT(
      said.out,
      HasSubstr(
          "?? you may not start and change runs and workspaces in namespace team-a: you lack create pipelineruns"));
}

}  // namespace
}  // namespace atelier::cli
