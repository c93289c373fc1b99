#include "render/task_pod.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "atelier/api/codec.h"
#include "render/labels.h"
#include "render/pod_fields.h"
#include "unit/render/restricted.h"

namespace atelier::render {
namespace {

using nlohmann::json;

json rendered(const TaskAttempt& attempt, const api::PipelineSpec& pipeline) {
  api::PipelineRun run;
  run.metadata.name = "nightly-1";
  run.metadata.ns = "team-a";
  run.metadata.uid = Uid{"run-uid"};
  api::RunPin pin{.revision = "r", .workspace = "ws", .image = "registry/ws@sha256:1", .release = "abc", .params = {}};
  api::RunPlan plan;
  plan.pipeline = pipeline;
  plan.env = {{"REGION", "eu", {}}, {"PASSWORD", "", api::EnvSource{api::KeySelector{"db", "password"}, {}}}};
  plan.profile = "small";
  plan.memory_mb = 4096;
  plan.duckdb_memory_mb = 8192;
  plan.chunk_size_rows = 50'000;
  plan.run_as_user = 1000;
  plan.pull_policy = "IfNotPresent";
  return task_pod(run, pin, plan, attempt, "stage:1");
}

json rendered(const TaskAttempt& attempt) {
  api::PipelineSpec bare;
  bare.tasks.resize(1);
  bare.tasks[0].name = attempt.task;
  return rendered(attempt, bare);
}

TaskAttempt extract() {
  TaskAttempt attempt;
  attempt.pod_name = "nightly-1-extract-0123456789";
  attempt.task = "extract";
  attempt.attempt = 2;
  attempt.command = {"python3", "extract.py"};
  return attempt;
}

std::string env(const json& pod, const std::string& name) {
  for (const json& variable : pod["spec"]["containers"][0]["env"]) {
    if (variable["name"] == name) return variable.value("value", "from " + variable.value("valueFrom", json{}).dump());
  }
  return "(absent)";
}

TEST(TaskPod, IsItsOwnLedgerEntry) {
  const json metadata = rendered(extract())["metadata"];
  EXPECT_EQ(metadata["finalizers"], json::array({"atelier.dev/result"}));
  EXPECT_EQ(metadata["labels"][kRunUid], "run-uid");
  EXPECT_EQ(metadata["labels"][kTaskName], "extract");
  EXPECT_EQ(metadata["labels"][kAttempt], "2");
  EXPECT_EQ(metadata["ownerReferences"][0]["uid"], "run-uid");
}

TEST(TaskPod, MeetsTheRestrictedStandard) { expect_restricted(rendered(extract())["spec"]); }

TEST(TaskPod, RunsThePinnedImageUnlessTheTaskNamesItsOwn) {
  EXPECT_EQ(rendered(extract())["spec"]["containers"][0]["image"], "registry/ws@sha256:1");
  TaskAttempt own = extract();
  own.image = "postgres:15";
  EXPECT_EQ(rendered(own)["spec"]["containers"][0]["image"], "postgres:15");
}

TEST(TaskPod, LeavesCommandAndArgsToTheImageWhenNoneAreGiven) {
  TaskAttempt bare = extract();
  bare.command.clear();
  EXPECT_FALSE(rendered(bare)["spec"]["containers"][0].contains("command"));
}

TEST(TaskPod, HasTheProfilesMemoryAsRequestAndLimit) {
  const json resources = rendered(extract())["spec"]["containers"][0]["resources"];
  EXPECT_EQ(resources["limits"]["memory"], "4096Mi");
  EXPECT_EQ(resources["requests"]["memory"], "4096Mi");
}

TEST(TaskPod, ReadsResultsFromTheTerminationMessage) {
  const json pod = rendered(extract());
  EXPECT_EQ(pod["spec"]["containers"][0]["terminationMessagePath"], env(pod, "ATELIER_RESULTS"));
}

TEST(TaskPod, EnvironmentOfTheTaskWinsOverTheWorkspacesButNotOverTheOperators) {
  TaskAttempt attempt = extract();
  attempt.env = {{"REGION", "us", {}}, {"ATELIER_TASK", "forged", {}}, {"WORKSPACE", "mine", {}}};
  const json pod = rendered(attempt);
  EXPECT_EQ(env(pod, "REGION"), "us");
  EXPECT_EQ(env(pod, "ATELIER_TASK"), "extract");
  EXPECT_EQ(env(pod, "WORKSPACE"), "mine");
  EXPECT_EQ(env(pod, "RAT_PROFILE"), "small");
  EXPECT_EQ(env(pod, "RAT_DUCKDB_MEMORY_MB"), "8192");
  EXPECT_EQ(env(pod, "RAT_CHUNK_SIZE_ROWS"), "50000");
  EXPECT_EQ(env(pod, "PASSWORD"), R"(from {"secretKeyRef":{"key":"password","name":"db"}})");
}

// Of a Pipeline whose one task has these fields.
json with_fields(const char* task_fields, const char* pipeline_fields = "{}") {
  json spec = json::parse(pipeline_fields);
  spec["workspace"] = {{"name", "ws"}};
  spec["tasks"] = json::array({json::parse(task_fields)});
  spec["tasks"][0]["name"] = "extract";
  const auto pipeline = api::parse<api::PipelineSpec>(spec);
  EXPECT_TRUE(pipeline);
  TaskAttempt attempt = extract();
  attempt.sidecars = pipeline.value().tasks[0].sidecars;
  return rendered(attempt, pipeline.value());
}

TEST(TaskPod, OfATaskThatIsNotInThePlanIsABug) { EXPECT_THROW(rendered(extract(), {}), std::logic_error); }

TEST(TaskPod, HasOnlyTheFieldsThatArePutIntoEveryPodWhenTheTaskSaysNothing) {
  const json spec = rendered(extract())["spec"];
  for (const char* name : {"volumes", "initContainers", "nodeSelector", "tolerations", "priorityClassName"}) {
    EXPECT_FALSE(spec.contains(name)) << name;
  }
  EXPECT_FALSE(spec["containers"][0].contains("volumeMounts"));
  EXPECT_FALSE(spec["securityContext"].contains("fsGroup"));
}

TEST(TaskPod, ResourcesOfTheTaskReplaceTheProfiles) {
  const auto resources = [](const char* given) {
    return with_fields((R"({"resources": )" + std::string(given) + "}").c_str())["spec"]["containers"][0]["resources"];
  };
  EXPECT_EQ(resources(R"({"requests": {"cpu": "0.5", "memory": "64Mi"}, "limits": {"ephemeral-storage": 1073741824}})"),
            json::parse(R"({"requests": {"cpu": "500m", "memory": "64Mi"},
                            "limits": {"ephemeral-storage": "1Gi", "memory": "4096Mi"}})"));
  EXPECT_EQ(resources(R"({"limits": {"memory": "2Gi"}})"),
            json::parse(R"({"requests": {"memory": "2Gi"}, "limits": {"memory": "2Gi"}})"));
}

TEST(TaskPod, SaysWhereItRuns) {
  const json spec = with_fields(R"({"nodeSelector": {"disk": "ssd"}, "priorityClassName": "batch", "tolerations": [
    {"key": "gpu", "operator": "Exists"},
    {"key": "team", "value": "a", "effect": "NoExecute", "tolerationSeconds": 0}]})")["spec"];
  EXPECT_EQ(spec["nodeSelector"], json::parse(R"({"disk": "ssd"})"));
  EXPECT_EQ(spec["priorityClassName"], "batch");
  EXPECT_EQ(spec["tolerations"], json::parse(R"([
    {"key": "gpu", "operator": "Exists"},
    {"key": "team", "operator": "Equal", "value": "a", "effect": "NoExecute", "tolerationSeconds": 0}])"));
}

constexpr const char* kVolumes = R"({"fsGroup": 2000, "volumes": [
  {"name": "unused", "emptyDir": {}},
  {"name": "claim", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
  {"name": "config", "configMap": {"name": "app", "items": [{"key": "a", "path": "b/c"}], "optional": true}},
  {"name": "token", "secret": {"secretName": "t"}},
  {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": "10Mi"}}]})";

TEST(TaskPod, HasTheVolumesThatItMounts) {
  const json pod = with_fields(R"({"volumeMounts": [
      {"name": "claim", "mountPath": "/data", "subPath": "in", "readOnly": true}, {"name": "config", "mountPath": "/config"},
      {"name": "token", "mountPath": "/token"}],
    "sidecars": [{"name": "s", "resources": {"limits": {"memory": "1Mi"}},
                  "volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}]})",
                               kVolumes);
  expect_restricted(pod["spec"]);
  EXPECT_EQ(pod["spec"]["volumes"], json::parse(R"([
    {"name": "claim", "persistentVolumeClaim": {"claimName": "data", "readOnly": true}},
    {"name": "config", "configMap": {"name": "app", "items": [{"key": "a", "path": "b/c"}], "optional": true}},
    {"name": "token", "secret": {"secretName": "t"}},
    {"name": "shared", "emptyDir": {"medium": "Memory", "sizeLimit": "10Mi"}}])"));
  EXPECT_EQ(pod["spec"]["containers"][0]["volumeMounts"], json::parse(R"([
    {"name": "claim", "mountPath": "/data", "subPath": "in", "readOnly": true}, {"name": "config", "mountPath": "/config"},
    {"name": "token", "mountPath": "/token"}])"));
  EXPECT_EQ(pod["spec"]["securityContext"]["fsGroup"], 2000);
  EXPECT_FALSE(pod["spec"]["securityContext"].contains("runAsGroup")) << "only volumes belong to the group";
}

TEST(TaskPod, ASidecarIsAnInitContainerThatRunsOn) {
  const json pod = with_fields(R"({"sidecars": [
    {"name": "proxy", "image": "proxy:1", "command": ["proxy"], "args": ["-v"],
     "env": [{"name": "REGION", "value": "us"}, {"name": "PORT", "value": "1"}],
     "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "96Mi"}}},
    {"name": "second", "resources": {"limits": {"memory": "1Gi"}}}]})");
  expect_restricted(pod["spec"]);
  EXPECT_EQ(pod["spec"]["initContainers"][0], json::parse(R"({
    "name": "proxy", "image": "proxy:1", "imagePullPolicy": "IfNotPresent", "command": ["proxy"], "args": ["-v"],
    "restartPolicy": "Always",
    "env": [{"name": "WORKSPACE", "value": "ws"}, {"name": "RAT_PROFILE", "value": "small"},
            {"name": "RAT_DUCKDB_MEMORY_MB", "value": "8192"}, {"name": "RAT_CHUNK_SIZE_ROWS", "value": "50000"},
            {"name": "REGION", "value": "us"},
            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
            {"name": "PORT", "value": "1"}, {"name": "ATELIER_RUN", "value": "nightly-1"},
            {"name": "ATELIER_TASK", "value": "extract"}, {"name": "ATELIER_ATTEMPT", "value": "2"}],
    "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "96Mi"}},
    "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}})"));
  EXPECT_EQ(pod["spec"]["initContainers"][1]["image"], "registry/ws@sha256:1");
  EXPECT_EQ(pod["spec"]["containers"].size(), 1U);
}

TEST(TaskPod, TheTaskHasTheMemoryThatItsSidecarsLeave) {
  const json pod = with_fields(R"({"sidecars": [{"name": "a", "resources": {"limits": {"memory": "96Mi"}}},
                                                {"name": "b", "resources": {"limits": {"memory": "1000k"}}}]})");
  EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["limits"]["memory"], "3999Mi");
  EXPECT_EQ(pod["spec"]["containers"][0]["resources"]["requests"]["memory"], "3999Mi");
}

TEST(TaskPod, WhatRanOutOfMemoryGetsMoreAsFarAsThereIsSome) {
  api::Task task;
  task.resources.limits.memory = api::parse_quantity("100Mi").value();
  task.retry.memory_factor = 1.5;
  const auto limit = [&task](std::int64_t times) { return task_resources_json(task, 300, times)["limits"]["memory"]; };
  EXPECT_EQ(limit(0), "100Mi");
  EXPECT_EQ(limit(1), "150Mi");
  EXPECT_EQ(limit(2), "225Mi");
  EXPECT_EQ(limit(3), "300Mi");
  EXPECT_EQ(limit(1'000'000), "300Mi");
  EXPECT_EQ(task_resources_json(task, 300, 1)["requests"]["memory"], "150Mi") << "none was asked for";
  task.retry.memory_factor = 1;
  EXPECT_EQ(limit(3), "100Mi");
  task.resources.limits.memory.reset();
  EXPECT_EQ(limit(3), "300Mi") << "it had all of it";
}

TEST(TaskPod, MemoryThatIsLeftIsCountedWithoutOverflow) {
  api::Task task;
  task.sidecars.resize(3);
  for (api::Sidecar& sidecar : task.sidecars) {
    sidecar.resources.limits.memory = api::Quantity{std::numeric_limits<std::int64_t>::max(), 0};
  }
  EXPECT_LT(memory_left(task, std::numeric_limits<std::int64_t>::max()), 0);
  EXPECT_LT(memory_left(task, 1), 0);
}

TEST(TaskPod, LargeResultsAreHandedOnByASidecarOfTheOperators) {
  const json pod = with_fields(R"({"results": [{"name": "rows"}], "largeResults": true})");
  expect_restricted(pod["spec"]);
  EXPECT_EQ(pod["spec"]["initContainers"], json::parse(R"([{
    "name": "atelier-results", "image": "stage:1", "imagePullPolicy": "IfNotPresent", "restartPolicy": "Always",
    "command": ["/atelier-stage", "results", "--file", "/atelier/large/results"],
    "volumeMounts": [{"name": "atelier-results", "mountPath": "/atelier/large"}],
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "32Mi"}},
    "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                        "readOnlyRootFilesystem": true}}])"));
  EXPECT_EQ(pod["spec"]["volumes"], json::parse(R"([{"name": "atelier-results", "emptyDir": {}}])"));
  const json task = pod["spec"]["containers"][0];
  EXPECT_EQ(task["volumeMounts"], pod["spec"]["initContainers"][0]["volumeMounts"]);
  EXPECT_EQ(env(pod, "ATELIER_RESULTS"), "/atelier/large/results");
  EXPECT_EQ(task["terminationMessagePath"], "/atelier/results");
  EXPECT_EQ(task["resources"]["limits"]["memory"], "4064Mi");
  EXPECT_EQ(task["resources"]["requests"]["memory"], "4064Mi");
}

TEST(TaskPod, TheSidecarOfLargeResultsStandsBesideTheAuthorsSidecarsAndVolumes) {
  const json spec = with_fields(R"({"results": [{"name": "rows"}], "largeResults": true,
    "volumeMounts": [{"name": "claim", "mountPath": "/data"}],
    "sidecars": [{"name": "proxy", "resources": {"limits": {"memory": "64Mi"}},
                  "volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}]})",
                                kVolumes)["spec"];
  const auto names = [](const json& list) {
    std::vector<std::string> out;
    for (const json& one : list) out.push_back(one["name"]);
    return out;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(spec["initContainers"]), (Names{"atelier-results", "proxy"}));
  EXPECT_EQ(names(spec["volumes"]), (Names{"atelier-results", "claim", "shared"}));
  EXPECT_EQ(names(spec["initContainers"][1]["volumeMounts"]), Names{"shared"}) << "results are the task's";
  EXPECT_EQ(names(spec["containers"][0]["volumeMounts"]), (Names{"claim", "atelier-results"}));
  EXPECT_EQ(spec["containers"][0]["resources"]["limits"]["memory"], "4000Mi");
}

TEST(TaskPod, TimeoutIsTheKubeletsToEnforce) {
  EXPECT_FALSE(rendered(extract())["spec"].contains("activeDeadlineSeconds"));
  TaskAttempt timed = extract();
  timed.timeout = Millis{90'500};
  EXPECT_EQ(rendered(timed)["spec"]["activeDeadlineSeconds"], 91);
}

}  // namespace
}  // namespace atelier::render
