#include "render/task_pod.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/labels.h"
#include "unit/render/restricted.h"

namespace atelier::render {
namespace {

using nlohmann::json;

json rendered(const TaskAttempt& attempt) {
  api::PipelineRun run;
  run.metadata.name = "nightly-1";
  run.metadata.ns = "team-a";
  run.metadata.uid = Uid{"run-uid"};
  api::RunPin pin{.revision = "r", .workspace = "ws", .image = "registry/ws@sha256:1", .release = "abc"};
  api::RunPlan plan;
  plan.env = {{"REGION", "eu", {}}, {"PASSWORD", "", api::EnvSource{api::KeySelector{"db", "password"}, {}}}};
  plan.profile = "small";
  plan.memory_mb = 4096;
  plan.run_as_user = 1000;
  plan.pull_policy = "IfNotPresent";
  return task_pod(run, pin, plan, attempt);
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
  EXPECT_EQ(env(pod, "PASSWORD"), R"(from {"secretKeyRef":{"key":"password","name":"db"}})");
}

TEST(TaskPod, TimeoutIsTheKubeletsToEnforce) {
  EXPECT_FALSE(rendered(extract())["spec"].contains("activeDeadlineSeconds"));
  TaskAttempt timed = extract();
  timed.timeout = Millis{90'500};
  EXPECT_EQ(rendered(timed)["spec"]["activeDeadlineSeconds"], 91);
}

}  // namespace
}  // namespace atelier::render
