#include "reconcile/run_reconciler.h"

#include <gtest/gtest.h>

#include "reconcile/run_start.h"
#include "reconcile/run_writes.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

const ObjectKey kRun{"team-a", "run-1"};

std::vector<std::string> ids(const kube::Plan& plan) {
  std::vector<std::string> out;
  for (const kube::Write& write : plan.writes) out.push_back(write.id);
  return out;
}

json body(const kube::Plan& plan, std::size_t index) { return json::parse(plan.writes.at(index).request.body); }

struct Runs : testing::RunWorld {
  // Writes the plan's revision, mark and pin into the world, as the API server would.
  void started() {
    const kube::Plan plan = reconcile();
    for (const kube::Write& write : plan.writes) {
      if (write.resource_plural != "controllerrevisions") continue;
      revision = json::parse(write.request.body);
      revision["metadata"]["uid"] = "rev-uid";
      add(world.revisions, revision);
    }
    run["metadata"]["annotations"][render::kStarted] = "run-uid";
    add(world.runs, run);
    run["status"] = body(reconcile(), 0)["status"];
    add(world.runs, run);
  }
  json pod(const std::string& name, const std::string& run_uid) {
    json made = json::parse(R"({"metadata": {"namespace": "team-a", "finalizers": ["atelier.dev/result"]},
                                "status": {"phase": "Pending"}})");
    made["metadata"]["name"] = name;
    made["metadata"]["uid"] = name + "-uid";
    made["metadata"]["labels"] = {{render::kComponent, render::kTask},
                                  {render::kRun, "run-1"},
                                  {render::kRunUid, run_uid},
                                  {render::kTaskName, "a"},
                                  {render::kAttempt, "1"}};
    return made;
  }
  kube::Plan reconcile(int at = 1) { return reconciler.reconcile(kRun, {}, second(at)); }
  kube::Plan reconcile(const std::string& id, Result<json> answer, int at = 1) {
    kube::Feedback feedback;
    feedback.results.emplace(id, std::move(answer));
    return reconciler.reconcile(kRun, feedback, second(at));
  }

  json revision;
  RunReconciler reconciler{world};
};

TEST(RunReconciler, ANewRunIsMarkedAndItsPlanWrittenDownBeforeAnythingElse) {
  Runs runs;
  const kube::Plan plan = runs.reconcile();
  ASSERT_EQ(plan.writes.size(), 2U);
  EXPECT_EQ(plan.writes[0].id, "mark the run as started");
  EXPECT_EQ(plan.writes[1].resource_plural, "controllerrevisions");
}

TEST(RunReconciler, APinnedRunCreatesThePodsOfItsFirstTasks) {
  Runs runs;
  runs.started();
  const kube::Plan plan = runs.reconcile();
  ASSERT_EQ(plan.writes.size(), 1U) << ::testing::PrintToString(ids(plan));
  EXPECT_EQ(plan.writes[0].resource_plural, "pods");
  const json pod = body(plan, 0);
  EXPECT_EQ(pod["spec"]["containers"][0]["args"], json::array({"today"}));
  EXPECT_EQ(pod["spec"]["containers"][0]["image"], "r/ws@sha256:1");
  EXPECT_EQ(pod["metadata"]["labels"][render::kTaskName], "a");
}

TEST(RunReconciler, ANameThatAnotherPodHoldsFailsTheTask) {
  Runs runs;
  runs.started();
  const std::string pod = runs.reconcile().writes.at(0).key.name;
  const kube::Plan look = runs.reconcile(create_id(pod), Error{Errc::already_exists, "there"});
  ASSERT_EQ(ids(look), (std::vector<std::string>{look_id(pod)}));
  const kube::Plan commit = runs.reconcile(look_id(pod), json{{"metadata", {{"labels", json::object()}}}});
  ASSERT_EQ(ids(commit), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(commit, 0)["status"]["phase"], "Failed");
  ASSERT_EQ(commit.events.size(), 1U);
  EXPECT_EQ(commit.events[0].kind, kube::EventKind::warning);
}

TEST(RunReconciler, ACacheBehindTheLastCommitStartsNothing) {
  Runs runs;
  runs.started();
  const json later = {{"metadata", {{"resourceVersion", std::to_string(runs.version + 1)}}}};
  const kube::Plan plan = runs.reconcile("write status", later);
  EXPECT_TRUE(plan.writes.empty());
  EXPECT_TRUE(plan.requeue_after);
  runs.add(runs.world.runs, runs.run);
  EXPECT_EQ(runs.reconcile().writes.size(), 1U);
}

TEST(RunReconciler, WithoutItsRevisionARunTouchesNothing) {
  Runs runs;
  runs.started();
  runs.add(runs.world.revisions);
  const kube::Plan plan = runs.reconcile();
  ASSERT_EQ(ids(plan), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(plan, 0)["status"]["conditions"][0]["reason"], "RevisionLost");
}

TEST(RunReconciler, AStateThatCannotBeReadTouchesNothing) {
  Runs runs;
  runs.started();
  runs.run["status"]["state"] = "garbage";
  runs.add(runs.world.runs, runs.run);
  const kube::Plan plan = runs.reconcile();
  ASSERT_EQ(ids(plan), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(plan, 0)["status"]["conditions"][0]["reason"], "StateUnreadable");
}

TEST(RunReconciler, PodsOfARunThatIsGoneAreReleasedOnlyAfterALiveRead) {
  Runs runs;
  runs.add(runs.world.runs);
  runs.add(runs.world.pods, runs.pod("p", "run-uid"));
  const kube::Plan ask = runs.reconcile();
  ASSERT_EQ(ids(ask), (std::vector<std::string>{"confirm that the run is gone"}));
  EXPECT_EQ(ask.writes[0].request.method, http::Method::get);
  const std::string id = ask.writes[0].id;
  EXPECT_EQ(ids(runs.reconcile(id, Error{Errc::transport, "no answer"})), (std::vector<std::string>{id}));
  EXPECT_EQ(ids(runs.reconcile(id, json{{"metadata", {{"uid", "run-uid"}}}})), (std::vector<std::string>{id}));
  EXPECT_EQ(ids(runs.reconcile(id, Error{Errc::not_found, "not there"})),
            (std::vector<std::string>{"release pod p", "delete pod p"}));
}

TEST(RunReconciler, PodsOfAnEarlierRunOfTheSameNameGoToo) {
  Runs runs;
  runs.run["metadata"]["annotations"][render::kStarted] = "other";  // Restored: it starts nothing itself
  runs.add(runs.world.runs, runs.run);
  runs.add(runs.world.pods, runs.pod("p", "earlier"));
  const std::string id = "confirm that the run is gone";
  const kube::Plan plan = runs.reconcile(id, json{{"metadata", {{"uid", "run-uid"}}}});
  EXPECT_EQ(plan.writes.at(0).id, "release pod p");
  EXPECT_EQ(plan.writes.at(1).id, "delete pod p");
}

TEST(RunReconciler, ADeletedRunLetsItsPodsGoAsTheyAreDeleted) {
  Runs runs;
  runs.run["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  runs.add(runs.world.runs, runs.run);
  json pod = runs.pod("p", "run-uid");
  runs.add(runs.world.pods, pod);
  EXPECT_TRUE(runs.reconcile().writes.empty());
  pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  runs.add(runs.world.pods, pod);
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"release pod p"}));
}

}  // namespace
}  // namespace atelier::reconcile
