#include "cli/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "atelier/api/codec.h"
#include "support/source_dir.h"

namespace atelier::cli {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

const WallTime kNow = parse_time("2026-01-01T01:00:00Z").value();

json task(const char* name, const char* state, const char* reason = "", const char* message = "", int attempt = 1) {
  json out = {{"name", name}, {"state", state}, {"attempt", attempt}, {"pod", std::string("pod-") + name}};
  if (*reason != '\0') out["reason"] = reason;
  if (*message != '\0') out["message"] = message;
  return out;
}

api::PipelineRun run_with(json status, const char* reason = "Running", const char* message = "", json spec = {}) {
  const std::string phase = status.value("phase", "");
  status["conditions"] = {{{"type", "Succeeded"},
                           {"status", phase == "Succeeded" ? "True"
                                      : phase == "Failed"  ? "False"
                                                           : "Unknown"},
                           {"reason", reason},
                           {"message", message},
                           {"lastTransitionTime", "2026-01-01T00:00:00Z"}}};
  spec["pipeline"] = {{"name", "orders"}};
  return api::parse<api::PipelineRun>({{"metadata",
                                        {{"name", "orders-1"},
                                         {"namespace", "team-a"},
                                         {"uid", "u"},
                                         {"creationTimestamp", "2026-01-01T00:50:00Z"}}},
                                       {"spec", spec},
                                       {"status", status}})
      .value();
}

std::string why(const api::PipelineRun& run, const std::vector<Event>& events = {}) {
  const Why said = why_run(run, events, "ws", kNow);
  return said.words + " | " + said.command;
}

TEST(Why, AFailedRunNamesTheTaskItsReasonAndTheCommandToSeeMore) {
  json failed = task("load", "Failed", "TaskFailed", "exit code 1: no such table", 3);
  failed["completionTime"] = "2026-01-01T00:55:00Z";
  EXPECT_EQ(
      why(run_with({{"phase", "Failed"},
                    {"startTime", "2026-01-01T00:53:00Z"},
                    {"completionTime", "2026-01-01T00:55:10Z"},
                    {"counts", {{"total", 4}, {"succeeded", 1}, {"failed", 1}, {"skipped", 2}}},
                    {"tasks", {task("extract", "Succeeded"), failed, task("report", "Skipped", "PredecessorFailed")}}},
                   "Failed", "1 of 4 tasks succeeded; failed: load (TaskFailed)")),
      "Run orders-1 of pipeline orders failed 4m50s ago after 2m10s: task load failed 5m ago in attempt 3: "
      "TaskFailed: exit code 1: no such table. Its author corrects the task; its output says more. Of the other "
      "tasks 1 succeeded and 2 did not run because of how others ended. | atelier logs orders-1 load -n team-a");
}

TEST(Why, AFailedItemMattersMoreThanItsTaskThatCounts) {
  EXPECT_THAT(
      why(run_with(
          {{"phase", "Failed"},
           {"tasks",
            {task("all", "Failed", "ItemsFailed", "all[3] (TaskFailed)"), task("all[3]", "Failed", "OOMKilled", "")}}},
          "Failed")),
      HasSubstr("task all[3] failed: OOMKilled. Give it more memory"));
}

TEST(Why, APodThatDoesNotStartIsToldInTheKubeletsWords) {
  const auto run = run_with(
      {{"phase", "Running"},
       {"startTime", "2026-01-01T00:59:00Z"},
       {"counts", {{"total", 2}, {"running", 2}}},
       {"tasks",
        {task("fine", "Running"), task("load", "Running", "ImagePullBackOff", "Back-off pulling image \"x\"")}}});
  EXPECT_EQ(
      why(run),
      "Run orders-1 of pipeline orders is under way for 60s: task load is not started: its pod pod-load waits with "
      "ImagePullBackOff: Back-off pulling image \"x\". Correct the image's name, push it, or give the workspace a "
      "pull secret that the registry takes. Of the other tasks 1 at work. | atelier describe pipeline orders -n "
      "team-a");
}

TEST(Why, WhatOnlyAnEventTellsIsTold) {
  const auto run = run_with(
      {{"phase", "Running"}, {"counts", {{"total", 1}, {"running", 1}}}, {"tasks", {task("load", "Running")}}});
  EXPECT_THAT(
      why(run,
          {{"Normal", "Scheduled", "fine", 1, kNow}, {"Warning", "FailedMount", "secret \"db\" not found", 4, kNow}}),
      HasSubstr("its pod pod-load waits with FailedMount: secret \"db\" not found. Make the volume, Secret or"));
  EXPECT_THAT(why(run), HasSubstr("task load is being started."));
}

TEST(Why, AWarningThatIsOverIsNotBlamed) {
  const auto run = run_with(
      {{"phase", "Running"}, {"counts", {{"total", 1}, {"running", 1}}}, {"tasks", {task("load", "Running")}}});
  const Event full{"Warning", "FailedScheduling", "0/1 nodes", 1, kNow - 60s};
  EXPECT_THAT(why(run, {full, {"Normal", "Scheduled", "fine", 1, kNow}}), HasSubstr("task load is being started."));
  EXPECT_THAT(why(run, {full, {"Normal", "NotTriggerScaleUp", "no", 1, kNow}}), HasSubstr("FailedScheduling"));
}

TEST(Why, WhatIsUnderWayIsNotToBeRetried) {
  const json tasks = json::array({task("load", "Cancelled", "Cancelled"), task("extract", "Running")});
  const auto under_way = run_with({{"phase", "Running"}, {"tasks", tasks}});
  EXPECT_EQ(why_task(under_way, under_way.status.tasks[0], {}, kNow).command, "atelier logs orders-1 -f -n team-a");
  EXPECT_THAT(why(run_with({{"phase", "Running"}, {"tasks", tasks}}, "RunTimedOut", "late")),
              HasSubstr("| atelier logs orders-1 -f -n team-a"));
  const auto over = run_with({{"phase", "Failed"}, {"tasks", tasks}}, "RunTimedOut", "late");
  EXPECT_EQ(why_task(over, over.status.tasks[0], {}, kNow).command, "atelier retry orders-1 -n team-a");
}

TEST(Why, ATaskThatWaitsForPeopleSaysWhoAndHow) {
  EXPECT_EQ(
      why(run_with(
          {{"phase", "Running"}, {"tasks", {task("release", "Waiting", "WaitsForApproval", "0 of 1 approvals", 0)}}})),
      "Run orders-1 of pipeline orders has waited to start for 10m: task release waits for people: 0 of 1 approvals. "
      "Anybody but the run's author who has the verb approve can approve or reject it. | atelier approve orders-1 "
      "release -n team-a");
}

TEST(Why, ARunThatHasNotStartedSaysWhatItWaitsFor) {
  EXPECT_EQ(
      why(run_with({{"phase", "Pending"}}, "WorkspaceNotPublished", "workspace \"ws\" is not published")),
      "Run orders-1 of pipeline orders has waited to start for 10m: WorkspaceNotPublished: workspace \"ws\" is not "
      "published. It starts by itself as soon as the workspace is live; its owner can mend that. | atelier why "
      "workspace ws -n team-a");
  EXPECT_THAT(why(run_with({{"phase", "Running"}}, "Suspended", "the run is suspended", {{"suspend", true}})),
              HasSubstr("atelier resume orders-1 -n team-a"));
}

TEST(Why, ARunThatNobodyHasLookedAtPointsAtTheOperator) {
  auto run = run_with(json::object());
  run.status = {};
  EXPECT_EQ(
      why(run),
      "Run orders-1 was made 10m ago, and the operator has not looked at it yet. That takes a second at most; if it "
      "lasts, the operator is not running, which whoever runs the platform can mend. | atelier doctor");
}

TEST(Why, AGoodEndIsAGoodEnd) {
  EXPECT_EQ(why(run_with({{"phase", "Succeeded"},
                          {"startTime", "2026-01-01T00:00:00Z"},
                          {"completionTime", "2026-01-01T00:00:05Z"},
                          {"counts", {{"total", 3}, {"succeeded", 2}, {"skipped", 1}}}},
                         "Succeeded")),
            "Run orders-1 succeeded 59m ago after 5s: 2 of 3 tasks succeeded, 1 skipped. | atelier logs orders-1 -n "
            "team-a");
}

TEST(Why, ATaskThatIsTriedAgainSaysWhatFailed) {
  EXPECT_THAT(why(run_with({{"phase", "Running"},
                            {"tasks", {task("load", "Waiting", "TaskFailed", "exit code 3: the disk was full")}}})),
              HasSubstr("task load is tried again: attempt 1 failed with TaskFailed: exit code 3: the disk was full."));
}

TEST(Why, ATaskWhoseNodeIsLostDoesNotSimplyRun) {
  json lost =
      task("load", "Running", "DeletionByTaintManager", "its node does not answer; kubectl delete pod p --force");
  lost["startTime"] = "2026-01-01T00:00:00Z";
  EXPECT_THAT(why(run_with({{"phase", "Running"}, {"tasks", {task("fine", "Running"), lost}}})),
              HasSubstr("task load is being ended by the cluster: DeletionByTaintManager: its node does not answer; "
                        "kubectl delete pod p --force."));
}

TEST(Why, WhatWasAskedInVainIsSaidAsWell) {
  auto run = run_with({{"phase", "Running"}, {"tasks", {task("load", "Running", "Unschedulable", "0/1 nodes")}}});
  run.status.conditions.push_back({"RequestRefused", meta::ConditionStatus::true_, "CannotSkip",
                                   "\"load\" cannot be skipped: it is running", 1, kNow});
  EXPECT_THAT(why(run), HasSubstr(" Besides, CannotSkip: \"load\" cannot be skipped: it is running. | "));
}

TEST(Why, ATaskTellsWhyItWaitsAndWhatHoldsTheRunUp) {
  const auto run = run_with(
      {{"phase", "Running"},
       {"tasks", {task("load", "Waiting", "TaskFailed", "attempt 1 failed (TaskFailed); the next starts at noon")}}},
      "Suspended", "the run is suspended");
  const Why said = why_task(run, run.status.tasks[0], {}, kNow);
  EXPECT_EQ(
      said.words,
      "Task load of run orders-1 is tried again: attempt 1 failed (TaskFailed); the next starts at noon. Its author "
      "corrects the task; its output says more. The run as a whole is held up by Suspended: the run is suspended.");
  EXPECT_EQ(said.command, "atelier logs orders-1 load -n team-a");
}

TEST(Why, AWorkspaceThatIsNotReadySaysWhatStays) {
  Readiness object;
  object.what = "workspace";
  object.key = {"team-a", "ws"};
  object.workspace = "ws";
  object.kept = "Meanwhile release abc stays live";
  object.conditions = {{"Ready", meta::ConditionStatus::false_, "PreflightFailed", "a.py: line 3", 1, kNow - 5min},
                       {"ContainersAvailable", meta::ConditionStatus::false_, "Starting", "no image", 1, kNow - 2min}};
  const Why said = why_ready(object, kNow);
  EXPECT_EQ(
      said.words,
      "The workspace ws is not ready for 5m: PreflightFailed: a.py: line 3. Its owner corrects what is named and "
      "pushes a new image. Meanwhile release abc stays live. Besides, ContainersAvailable is False for 2m: Starting: "
      "no image.");
  EXPECT_EQ(said.command, "atelier describe workspace ws -n team-a");
}

// The reasons in the table under `heading` of docs/reference/conditions.md.
std::set<std::string> documented(const std::string& heading) {
  std::ifstream file(atelier::testing::source_dir() + "/docs/reference/conditions.md");
  std::set<std::string> out;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) inside = line == heading;
    if (!inside || !line.starts_with("| `")) continue;
    const std::string cell = line.substr(1, line.find(" |", 1));
    const std::regex word("`([A-Za-z]+)`");
    for (std::sregex_iterator at(cell.begin(), cell.end(), word), end; at != end; ++at) out.insert((*at)[1]);
  }
  return out;
}

TEST(Why, EveryReasonOfARunHasARemedy) {
  const std::set<std::string> well{"Running", "Succeeded", "Failed"};
  const auto reasons = documented("## PipelineRun: `Succeeded`");
  EXPECT_GT(reasons.size(), 20U);
  for (const std::string& reason : reasons) {
    EXPECT_EQ(remedy_of_run(reason, {}).words.empty(), well.contains(reason)) << reason;
  }
}

TEST(Why, EveryReasonOfATaskHasARemedyOfItsOwn) {
  const std::string general = remedy_of_task("NobodyKnowsThis", {}).words;
  const std::set<std::string> of_kubelets{"Evicted", "NodeShutdown"};
  const auto reasons = documented("### `status.tasks[].reason`");
  EXPECT_GT(reasons.size(), 30U);
  for (const std::string& reason : reasons) {
    EXPECT_EQ(remedy_of_task(reason, {}).words == general, of_kubelets.contains(reason)) << reason;
  }
}

TEST(Why, CommandsAreWhatATenantMayRun) {
  Names names;
  names.ns = "doctor-businessdomains";
  names.workspace = "ws";
  for (const char* reason : {"NotAdmitted", "UnknownProfile"}) {
    EXPECT_EQ(remedy_of_ready(reason, names).command, "atelier describe workspace ws -n doctor-businessdomains");
  }
}

TEST(Why, ACommandThatLacksANameIsNotTold) {
  Names names;
  names.ns = "team-a";
  EXPECT_EQ(remedy_of_run("WorkspaceNotPublished", names).command, "");
  names.workspace = "ws";
  EXPECT_EQ(remedy_of_run("WorkspaceNotPublished", names).command, "atelier why workspace ws -n team-a");
}

}  // namespace
}  // namespace atelier::cli
