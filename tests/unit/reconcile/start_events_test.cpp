#include "reconcile/start_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "render/task_pod.h"
#include "unit/reconcile/reconciled_runs.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::second;

PodRecord pod_that(const std::string& name, PodPhase phase, const std::string& waits_with = "ContainerCreating") {
  PodRecord pod;
  pod.ns = "team-a";
  pod.name = name;
  pod.uid = Uid{name + "-uid"};
  pod.phase = phase;
  pod.created = second(0);
  ContainerRecord task;
  task.name = render::kTaskContainer;
  if (!waits_with.empty()) task.waiting.make().reason = waits_with;
  pod.containers.push_back(task);
  return pod;
}

json events(const std::string& message) {
  const json event = {
      {"type", "Warning"}, {"reason", "FailedMount"}, {"message", message}, {"lastTimestamp", "2026-01-01T00:00:00Z"}};
  return {{"kind", "EventList"}, {"items", json::array({event})}};
}

struct Starts {
  std::vector<std::string> ask(int at) {
    kube::Plan plan;
    next = starts.ask(plan, "team-a", second(at));
    if (!plan.writes.empty()) target = plan.writes.front().request.target;
    return testing::ids(plan);
  }
  std::set<std::string> answer(const std::string& pod, Result<json> result) {
    kube::Feedback feedback;
    feedback.results.emplace("list events of pod " + pod, std::move(result));
    starts.learn(feedback);
    return starts.take_news();
  }
  StartEvents starts;
  std::optional<WallTime> next;
  std::string target;
};

TEST(StartEvents, APodThatSaysNothingIsAskedAboutLessAndLessOften) {
  Starts test;
  EXPECT_THAT(test.ask(0), IsEmpty());
  EXPECT_EQ(test.next, std::nullopt);
  test.starts.see(pod_that("p", PodPhase::pending));
  std::vector<int> asked;
  for (int at = 0; at < 1'000; ++at) {
    if (!test.ask(at).empty()) asked.push_back(at);
  }
  EXPECT_THAT(asked, ElementsAre(10, 30, 70, 150, 310, 610, 910));
  EXPECT_EQ(test.next, second(1'210));
  EXPECT_THAT(test.target, HasSubstr("/api/v1/namespaces/team-a/events?fieldSelector=involvedObject.uid%3Dp-uid"));
}

TEST(StartEvents, ManyPodsOfARunAreAskedAboutOneAtATime) {
  Starts test;
  for (const char* name : {"p", "q", "r"}) test.starts.see(pod_that(name, PodPhase::pending));
  EXPECT_THAT(test.ask(10), ElementsAre("list events of pod p"));
  EXPECT_EQ(test.next, second(15));
  EXPECT_THAT(test.ask(12), IsEmpty());
  EXPECT_EQ(test.next, second(15));
  EXPECT_THAT(test.ask(15), ElementsAre("list events of pod q"));
  EXPECT_THAT(test.ask(20), ElementsAre("list events of pod r"));
  EXPECT_THAT(test.ask(25), IsEmpty());
  EXPECT_EQ(test.next, second(30));
}

TEST(StartEvents, WhoseStatusTellsIsNotAskedAbout) {
  Starts test;
  PodRecord deleted = pod_that("deleted", PodPhase::pending);
  deleted.deleting = true;
  PodRecord unschedulable = pod_that("unschedulable", PodPhase::pending, "");
  unschedulable.conditions.make().unschedulable = "0/1 nodes are available";
  for (const PodRecord& pod : {pod_that("running", PodPhase::running, ""), deleted, unschedulable,
                               pod_that("pulling", PodPhase::pending, "ImagePullBackOff")}) {
    test.starts.see(pod);
  }
  EXPECT_THAT(test.ask(100), IsEmpty());
  test.starts.see(pod_that("p", PodPhase::pending));
  test.starts.see(pod_that("p", PodPhase::running, ""));
  EXPECT_THAT(test.ask(100), IsEmpty());
  test.starts.see(pod_that("q", PodPhase::pending));
  test.starts.forget("q");
  EXPECT_THAT(test.ask(100), IsEmpty());
}

TEST(StartEvents, WhatTheyTellIsTheReasonUntilThePodTellsMore) {
  Starts test;
  EXPECT_EQ(test.starts.see(pod_that("p", PodPhase::pending)).waiting_reason, "ContainerCreating");
  test.ask(10);
  EXPECT_THAT(test.answer("p", events("configmap \"x\" not found")), ElementsAre("p"));
  EXPECT_THAT(test.answer("p", events("configmap \"x\" not found")), IsEmpty()) << "no news";
  auto seen = test.starts.see(pod_that("p", PodPhase::pending));
  EXPECT_EQ(seen.waiting_reason, "FailedMount");
  EXPECT_EQ(seen.waiting_message, "configmap \"x\" not found");
  EXPECT_THAT(test.answer("p", json{{"items", json::array()}}), ElementsAre("p")) << "it got further";
  EXPECT_EQ(test.starts.see(pod_that("p", PodPhase::pending)).waiting_reason, "ContainerCreating");
  test.answer("p", events("configmap \"x\" not found"));
  EXPECT_EQ(test.starts.see(pod_that("p", PodPhase::running, "")).waiting_reason, "");
}

TEST(StartEvents, AreThoseOfThePodThatHasTheNameNow) {
  Starts test;
  test.starts.see(pod_that("p", PodPhase::pending));
  test.answer("p", events("old"));
  PodRecord other = pod_that("p", PodPhase::pending);
  other.uid = Uid{"other"};
  EXPECT_EQ(test.starts.see(other).waiting_reason, "ContainerCreating");
  test.ask(10);
  EXPECT_THAT(test.target, HasSubstr("uid%3Dother"));
}

TEST(StartEvents, WhoMayNotReadThemHearsNothing) {
  Starts test;
  test.starts.see(pod_that("p", PodPhase::pending));
  EXPECT_THAT(test.answer("p", Error{Errc::forbidden, "may not list events"}), IsEmpty());
  EXPECT_EQ(test.starts.see(pod_that("p", PodPhase::pending)).waiting_reason, "ContainerCreating");
}

// Through the whole reconciler: the row of status says what the kubelet says.
TEST(RunPods, AVolumeThatCannotBeMountedIsInTheStatus) {
  testing::Runs runs;
  runs.started();
  const kube::Plan first = runs.reconcile();
  json pod = json::parse(first.writes.at(0).request.body);
  pod["metadata"]["uid"] = "pod-uid";
  pod["metadata"]["creationTimestamp"] = "1970-01-01T00:00:01Z";
  pod["status"] = {{"phase", "Pending"}};
  runs.add(runs.world.pods, pod);
  kube::Plan plan = runs.reconcile(first.writes.at(0).id, pod, 2);
  for (int at = 2;
       at < 20 && testing::ids(plan) !=
                      std::vector<std::string>{"list events of pod " + pod["metadata"]["name"].get<std::string>()};
       ++at) {
    if (!plan.writes.empty()) {
      runs.run.merge_patch(json::parse(plan.writes.at(0).request.body));
      runs.add(runs.world.runs, runs.run);
      plan = runs.reconcile(plan.writes.at(0).id, runs.run, at);
      continue;
    }
    ASSERT_TRUE(plan.requeue_after) << "nobody comes to ask";
    plan = runs.reconcile(at);
  }
  ASSERT_EQ(plan.writes.size(), 1U);
  const kube::Plan told = runs.reconcile(plan.writes.at(0).id, events("secret \"db\" not found"), 21);
  ASSERT_EQ(testing::ids(told), std::vector<std::string>{"write status"});
  EXPECT_THAT(testing::body(told, 0).dump(), HasSubstr(R"(secret \"db\" not found)"));
}

}  // namespace
}  // namespace atelier::reconcile
