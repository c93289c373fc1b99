#include <gtest/gtest.h>

#include "atelier/api/validate.h"

namespace atelier::api {
namespace {

WorkspaceSpec workspace() {
  WorkspaceSpec spec;
  spec.data_domain.name = "dd01";
  spec.image.repository = "registry.local:5000/ws";
  spec.image.tag = "1";
  spec.dags.path = "/opt/dags";
  return spec;
}

std::string found(const std::string& name, const WorkspaceSpec& spec) {
  std::string text;
  for (const Violation& one : validate(name, spec)) text += (text.empty() ? "" : "\n") + one.reason + " " + one.path;
  return text;
}

TEST(ValidateWorkspace, AMinimalOneIsFine) { EXPECT_EQ(found("ws-1", workspace()), ""); }

TEST(ValidateWorkspace, TheNameIsADnsLabel) {
  for (const char* bad : {"ws.one", "Ws", "-ws", "ws-", ""}) {
    EXPECT_EQ(found(bad, workspace()), "InvalidName metadata.name") << bad;
  }
}

TEST(ValidateWorkspace, TheImageHasATagOrADigest) {
  WorkspaceSpec spec = workspace();
  spec.image.digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image");
  spec.image.tag.clear();
  EXPECT_EQ(found("ws", spec), "");
  spec.image.digest = "sha256:abc";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.digest");
}

TEST(ValidateWorkspace, AnImageIsFollowedByOneRule) {
  WorkspaceSpec spec = workspace();
  ImageFollow& follow = spec.image.follow.emplace();
  follow.tag = "main";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image") << "and not by a tag of the spec as well";
  spec.image.tag.clear();
  EXPECT_EQ(found("ws", spec), "");
  follow.semver = "^1";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.follow");
  follow.tag.clear();
  EXPECT_EQ(found("ws", spec), "");
  follow.semver = "^1, ^2";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.follow.semver");
  follow.semver.clear();
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.follow");
  follow.pattern = "main-.*";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.follow.pattern");
  follow.pattern = "main-(#)";
  follow.interval = Millis{4'999};
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.follow.interval");
  follow.interval = Millis{5'000};
  follow.credentials = LocalReference{"Not A Name"};
  EXPECT_EQ(found("ws", spec), "InvalidName spec.image.follow.credentials.name");
  spec.image.digest = "sha256:" + std::string(64, 'a');
  follow.credentials.reset();
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image") << "a digest without follow is the pin";
}

TEST(ValidateWorkspace, TheRepositoryHoldsNoTag) {
  WorkspaceSpec spec = workspace();
  spec.image.repository = "registry.local:5000/ws:1";
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.image.repository");
}

TEST(ValidateWorkspace, TheDagFolderStaysInTheImage) {
  for (const char* bad : {"dags", "/", "", "/opt/../etc", "/.."}) {
    WorkspaceSpec spec = workspace();
    spec.dags.path = bad;
    EXPECT_EQ(found("ws", spec), "InvalidValue spec.dags.path") << bad;
  }
}

TEST(ValidateWorkspace, AReleaseIsNamedByItsIdOrTheBeginningOfIt) {
  WorkspaceSpec spec = workspace();
  for (const std::string& good :
       {std::string(12, 'a'), std::string(64, '0'), std::string("adopted-20270115T080000Z.1")}) {
    spec.dags.release = good;
    EXPECT_EQ(found("ws", spec), "") << good;
  }
  for (const std::string& bad : {std::string(11, 'a'), std::string(65, '0'), std::string("latest"),
                                 std::string("../../../etc/x"), std::string("adopted-"), std::string("ABCDEFABCDEF")}) {
    spec.dags.release = bad;
    EXPECT_EQ(found("ws", spec), "InvalidValue spec.dags.release") << bad;
  }
}

TEST(ValidateWorkspace, ReleasesStayForAWhile) {
  WorkspaceSpec spec = workspace();
  spec.dags.max_release_age = std::chrono::minutes{10};
  EXPECT_EQ(found("ws", spec), "");
  spec.dags.max_release_age = std::chrono::minutes{9};
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.dags.maxReleaseAge");
}

TEST(ValidateWorkspace, AStagingStepReadsNoSecret) {
  WorkspaceSpec spec = workspace();
  StagingStep step;
  step.name = "copy";
  EnvVar variable;
  variable.name = "PASSWORD";
  variable.value_from = EnvSource{KeySelector{"db", "password", false}, std::nullopt};
  step.env = {variable};
  spec.init_containers = {step};
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.initContainers[0].env[0].valueFrom");
}

TEST(ValidateWorkspace, ChecksAreFewAndNamed) {
  WorkspaceSpec spec = workspace();
  spec.dags.checks = {{"lint", "", {"lint"}, {}}, {std::string(57, 'a'), "", {}, {}}};
  EXPECT_EQ(found("ws", spec), "");
  spec.dags.checks = {{"lint", "", {}, {}}, {"lint", "", {}, {}}};
  EXPECT_EQ(found("ws", spec), "DuplicateName spec.dags.checks[1].name");
  spec.dags.checks = {{std::string(58, 'a'), "", {}, {}}, {"Lint", "", {}, {}}};
  EXPECT_EQ(found("ws", spec), "InvalidName spec.dags.checks[0].name\nInvalidName spec.dags.checks[1].name");
  spec.dags.checks.clear();
  for (char name = 'a'; name <= 'i'; ++name) spec.dags.checks.push_back({std::string(1, name), "", {}, {}});
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.dags.checks");
}

TEST(ValidateWorkspace, NamesAreGivenOnce) {
  WorkspaceSpec spec = workspace();
  spec.env = {{"A", "1", {}}, {"A", "2", {}}};
  spec.containers.resize(2);
  spec.containers[0].name = spec.containers[1].name = "web";
  EXPECT_EQ(found("ws", spec), "DuplicateName spec.containers[1].name\nDuplicateName spec.env[1].name");
}

TEST(ValidateWorkspace, VariablesOfAirflowAreItsOwnAndOfLimitedSize) {
  WorkspaceSpec spec = workspace();
  spec.airflow.extra_env = {{"HD_NAMESPACE", "${namespace}"}, {"HD_EMPTY", ""}};
  EXPECT_EQ(found("ws", spec), "");
  spec.airflow.extra_env = {{"A", "1"}, {"A", "2"}, {"AIRFLOW_HOME", "/tmp"}, {"B", std::string("x\0y", 3)}};
  EXPECT_EQ(found("ws", spec),
            "DuplicateName spec.airflow.extraEnv[1].name\nInvalidName spec.airflow.extraEnv[2].name\n"
            "InvalidValue spec.airflow.extraEnv[3].value");
  spec.airflow.extra_env = {{"A", std::string(WorkspaceAirflow::kMostBytes - 1, 'x')}};
  EXPECT_EQ(found("ws", spec), "");
  spec.airflow.extra_env[0].value += 'x';
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.airflow.extraEnv");
  spec.airflow.extra_env.clear();
  for (std::size_t i = 0; i <= WorkspaceAirflow::kMostVariables; ++i) {
    spec.airflow.extra_env.push_back({"A" + std::to_string(i), ""});
  }
  EXPECT_EQ(found("ws", spec), "InvalidValue spec.airflow.extraEnv");
}

TEST(ValidateDataDomain, WhatIsRestartedIsNamedOnce) {
  DataDomainSpec spec;
  spec.key = "dd01";
  spec.business_domain.name = "bd";
  spec.storage.claim_name = "storage";
  const auto found = [&spec] {
    std::string text;
    for (const Violation& one : validate(spec)) text += one.reason + " " + one.path + "; ";
    return text;
  };
  spec.airflow.emplace().restart = {{"web", "scheduler"}, {"web"}, {}};
  EXPECT_EQ(found(), "");
  spec.airflow->restart = {{"web", "web", ""}, {"We b"}, {}};
  EXPECT_EQ(found(),
            "DuplicateName spec.airflow.restart.deployments[1]; InvalidValue spec.airflow.restart.deployments[2]; "
            "InvalidName spec.airflow.restart.statefulSets[0]; ");
  spec.airflow->restart = {};
  for (std::size_t i = 0; i <= AirflowRestart::kMost; ++i)
    spec.airflow->restart.deployments.push_back("d" + std::to_string(i));
  EXPECT_EQ(found(), "InvalidValue spec.airflow.restart.deployments; ");
  spec.airflow->restart = {};
  spec.airflow->restart.min_interval = Millis{9'999};
  spec.airflow->allowed_prefixes = {"HD_", "", "1A", "A-"};
  EXPECT_EQ(found(),
            "InvalidValue spec.airflow.restart.minInterval; InvalidValue spec.airflow.allowedPrefixes[1]; "
            "InvalidValue spec.airflow.allowedPrefixes[2]; InvalidValue spec.airflow.allowedPrefixes[3]; ");
}

}  // namespace
}  // namespace atelier::api
