// Oracles that could not fail would prove nothing: each is shown what it must find, made by hand, with no operator.
#include "sim/campaign/audit.h"

#include <gmock/gmock.h>

#include "render/labels.h"
#include "sim/control_story.h"
#include "sim/fixtures.h"

namespace atelier::sim {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AuditFinds : public ::testing::Test {
 protected:
  // a -> b, and one run of it.
  void SetUp() override {
    make_platform(world);
    json tasks = json::array();
    tasks.push_back(json::parse(R"({"name": "a", "command": ["task", "--rows=7"]})"));
    tasks.push_back(json::parse(R"({"name": "b", "command": ["task"], "dependsOn": ["a"]})"));
    make_pipeline(world, "line", {{"workspace", {{"name", kWorkspace.name}}}, {"tasks", tasks}});
    make_run(world, "first", json::object(), "line");
  }

  std::string uid(const std::string& run) { return world.find("pipelineruns", {kRunKey.ns, run})["metadata"]["uid"]; }

  ObjectKey make_pod(const std::string& task, int attempt, const std::string& arg = "",
                     const std::string& run = "first", const std::string& owner = "first") {
    const std::string name = run + "-" + task + "-" + std::to_string(attempt);
    json pod = {{"apiVersion", "v1"}, {"kind", "Pod"}};
    pod["metadata"]["name"] = name;
    pod["metadata"]["namespace"] = kRunKey.ns;
    pod["metadata"]["labels"][render::kComponent] = render::kTask;
    pod["metadata"]["labels"][render::kRun] = run;
    pod["metadata"]["labels"][render::kRunUid] = uid(run);
    pod["metadata"]["labels"][render::kTaskName] = task;
    pod["metadata"]["labels"][render::kAttempt] = std::to_string(attempt);
    json reference = {{"apiVersion", "atelier.dev/v1alpha1"}, {"kind", "PipelineRun"}, {"name", owner}};
    reference["uid"] = uid(owner);
    pod["metadata"]["ownerReferences"].push_back(reference);
    json container = {{"name", "task"}};
    if (!arg.empty()) container["args"].push_back(arg);
    pod["spec"]["containers"].push_back(container);
    world.create(pod);
    return {kRunKey.ns, name};
  }
  void is(const ObjectKey& pod, const std::string& phase) { say("pods", pod, {{"phase", phase}}); }
  void say(const char* plural, const ObjectKey& key, const json& status) {
    world.model.patch(kind_of(plural), key, PatchKind::merge, {{"status", status}}, "status");
  }
  // The status of a run that did all it was to do, but for `change`.
  void ends(const json& change) {
    is(make_pod("a", 1), "Succeeded");
    is(make_pod("b", 1), "Succeeded");
    json status = json::parse(R"({"phase": "Succeeded", "counts": {"total": 2, "succeeded": 2}, "tasks": [
        {"name": "a", "state": "Succeeded", "attempt": 1}, {"name": "b", "state": "Succeeded", "attempt": 1}]})");
    status.merge_patch(change);
    say("pipelineruns", {kRunKey.ns, "first"}, status);
    audit.check_status(world.find("pipelineruns", {kRunKey.ns, "first"}), false);
  }
  void expect_found(const std::string& what) { EXPECT_THAT(audit.findings(), Contains(HasSubstr(what))); }

  SimWorld world{1, [](const json&) { return Script{}; }};
  Storage storage;
  Audit audit{world, storage, 1};
};

TEST_F(AuditFinds, NothingInARunThatGoesWell) {
  ends(json::object());
  audit.check_pods();
  EXPECT_THAT(audit.findings(), IsEmpty());
}

TEST_F(AuditFinds, AnAttemptThatStartsTwice) {
  const ObjectKey pod = make_pod("a", 1);
  is(pod, "Running");
  world.model.remove(kind_of("pods"), pod, {});
  is(make_pod("a", 1), "Running");
  expect_found("its attempt was started before");
}

TEST_F(AuditFinds, WorkThatIsDoneAgain) {
  is(make_pod("a", 1), "Succeeded");
  is(make_pod("a", 2), "Running");
  expect_found("was started although its work is done");
}

TEST_F(AuditFinds, TwoAttemptsAtATime) {
  is(make_pod("a", 1), "Running");
  is(make_pod("a", 2), "Running");
  expect_found("runs while another attempt does");
}

TEST_F(AuditFinds, ATaskThatDoesNotWait) {
  is(make_pod("a", 1), "Running");
  make_pod("b", 1);
  expect_found("b begins while a runs");
}

TEST_F(AuditFinds, ATaskWhosePredecessorFailed) {
  is(make_pod("a", 1), "Failed");
  make_pod("b", 1);
  expect_found("b begins although a failed");
}

TEST_F(AuditFinds, ATaskThatPeopleDidNotApprove) {
  make_pipeline(world, "asks", json::parse(R"({"workspace": {"name": "ws-1"}, "tasks": [
      {"name": "a", "approval": {"count": 1}}, {"name": "b", "command": ["task"], "dependsOn": ["a"]}]})"));
  for (const char* run : {"unasked", "refused", "approved"}) make_run(world, run, json::object(), "asks");
  give_approval(world, "refused", "a", "bob", "Reject");
  give_approval(world, "approved", "a", "bob", "Approve");
  for (const char* run : {"unasked", "refused", "approved"}) {
    say("pipelineruns", {kRunKey.ns, run}, json::parse(R"({"tasks": [{"name": "a", "state": "Succeeded"}]})"));
    is(make_pod("b", 1, "", run, run), "Succeeded");
  }
  EXPECT_THAT(audit.findings(), ElementsAre("unasked: b begins although people said of a: nothing",
                                            "refused: b begins although people said of a: Reject"));
}

TEST_F(AuditFinds, AResultThatIsNotWhatWasWritten) {
  is(make_pod("a", 1), "Succeeded");
  make_pod("b", 1, "--got-a=8");
  expect_found("got --got-a=8 instead of 7");
}

TEST_F(AuditFinds, APodOfAnotherOwner) {
  make_run(world, "second", json::object(), "line");
  make_pod("a", 1, "", "first", "second");
  expect_found("is owned by another run");
}

TEST_F(AuditFinds, MoreRunsThanPlaces) {
  make_run(world, "second", json::object(), "line");
  make_pod("a", 1);
  make_pod("a", 1, "", "second", "second");
  expect_found("more runs are at work");
}

TEST_F(AuditFinds, APodThatStartsLongAfterItsRun) {
  say("pipelineruns", {kRunKey.ns, "first"}, {{"phase", "Failed"}});
  world.run_for(Millis{100'000});
  is(make_pod("a", 1), "Running");
  expect_found("starts for a run that is over");
}

TEST_F(AuditFinds, APodThatIsLeftOver) {
  make_pod("a", 1);
  world.model.remove(kind_of("pipelineruns"), {kRunKey.ns, "first"}, {});
  audit.check_pods();
  expect_found("still runs");
  expect_found("outlived its run");
}

TEST_F(AuditFinds, AnEndThatIsNotFinal) {
  say("pipelineruns", {kRunKey.ns, "first"}, {{"phase", "Failed"}});
  say("pipelineruns", {kRunKey.ns, "first"}, {{"phase", "Succeeded"}});
  expect_found("was Failed and became Succeeded");
}

TEST_F(AuditFinds, ATaskWithTwoOutcomes) {
  const json one = {{"name", "a"}, {"state", "Failed"}};
  const json other = {{"name", "a"}, {"state", "Succeeded"}};
  say("pipelineruns", {kRunKey.ns, "first"}, {{"tasks", json::array({one})}});
  say("pipelineruns", {kRunKey.ns, "first"}, {{"tasks", json::array({other})}});
  expect_found("was Failed and became Succeeded");
}

TEST_F(AuditFinds, ATaskWithoutAnOutcome) {
  ends(json::parse(R"({"tasks": [{"name": "a", "state": "Succeeded", "attempt": 1}]})"));
  expect_found("b has 0 outcomes");
}

TEST_F(AuditFinds, CountsThatDoNotAddUp) {
  ends(json::parse(R"({"counts": {"succeeded": 1}})"));
  expect_found("its counts do not add up");
}

TEST_F(AuditFinds, AStateThatThePodsDoNotBearOut) {
  ends(json::parse(R"({"tasks": [{"name": "a", "state": "Failed", "attempt": 2},
                                 {"name": "b", "state": "Skipped", "attempt": 1}]})"));
  expect_found("a is Failed and succeeded 1 times");
  expect_found("a had 1 attempts, not 2");
  expect_found("b was skipped and had a pod");
}

TEST_F(AuditFinds, AReleaseThatIsNotComplete) {
  say("workspaces", kWorkspace, {{"release", {{"id", "f00"}}}});
  expect_found("status names the release f00, which is not complete");
}

}  // namespace
}  // namespace atelier::sim
