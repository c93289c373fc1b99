#include "reconcile/run_reconciler.h"

#include <gtest/gtest.h>

#include "reconcile/run_start.h"
#include "reconcile/run_writes.h"
#include "unit/reconcile/reconciled_runs.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::body;
using testing::ids;
using testing::kRun;
using testing::Runs;
using testing::second;

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

TEST(RunReconciler, ARunWhoseWorkspaceIsNotAdmittedAnyMoreStartsNothing) {
  Runs runs;
  runs.started();
  json domain = json::parse(R"({
    "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
    "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-b"],
             "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}}})");
  runs.add(runs.world.domains, domain);
  const auto condition = [](const kube::Plan& plan) {
    const json status = body(plan, 0)["status"];
    return status["conditions"][0]["reason"].get<std::string>() + ": " +
           status["conditions"][0]["message"].get<std::string>();
  };
  kube::Plan plan = runs.reconcile();
  ASSERT_EQ(plan.writes.size(), 1U) << ::testing::PrintToString(ids(plan));
  EXPECT_TRUE(condition(plan).starts_with("NotAdmitted: Workspace \"ws\" is not admitted any more: DataDomain"))
      << condition(plan);
  EXPECT_NE(condition(plan).find("; or cancel the run with spec.cancel.finally: false; "), std::string::npos);
  runs.add(runs.world.workspaces);
  plan = runs.reconcile(5);
  ASSERT_EQ(plan.writes.size(), 1U);
  EXPECT_TRUE(condition(plan).starts_with("NotAdmitted: Workspace \"ws\" is gone")) << condition(plan);
  domain["spec"]["workspaceNamespaces"] = {"team-a"};
  runs.add(runs.world.domains, domain);
  runs.add(runs.world.workspaces, runs.workspace);
  EXPECT_EQ(runs.reconcile(10).writes[0].resource_plural, "pods");
}

TEST(RunReconciler, LargeResultsAreHandedOnByTheOperatorsOwnImage) {
  Runs runs;
  runs.pipeline["spec"]["tasks"][0].update(json::parse(R"({"results": [{"name": "rows"}], "largeResults": true})"));
  runs.add(runs.world.pipelines, runs.pipeline);
  runs.started();
  const json pod = body(runs.reconcile(), 0);
  EXPECT_EQ(pod["spec"]["initContainers"][0]["image"], "stage:1");
}

// The cache may not show it for long, and meanwhile another process may have seen it run and let it go.
TEST(RunReconciler, APodThatWasMadeIsLookedForAndNotMadeAgain) {
  Runs runs;
  runs.started();
  const std::string pod = runs.reconcile().writes.at(0).key.name;
  const kube::Plan look = runs.reconcile(create_id(pod), json{{"metadata", {{"resourceVersion", "900"}}}});
  ASSERT_EQ(ids(look), (std::vector<std::string>{look_id(pod)}));
  const kube::Plan commit = runs.reconcile(look_id(pod), Error{Errc::not_found, "not there"});
  ASSERT_EQ(ids(commit), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(commit, 0)["status"]["tasks"][0]["reason"], "PodLost");
}

TEST(RunReconciler, ANameThatAnotherPodHoldsFailsTheTask) {
  Runs runs;
  runs.started();
  const std::string pod = runs.reconcile().writes.at(0).key.name;
  const kube::Plan look = runs.reconcile(create_id(pod), Error{Errc::already_exists, "there"});
  ASSERT_EQ(ids(look), (std::vector<std::string>{look_id(pod)}));
  const kube::Plan commit = runs.reconcile(look_id(pod), json{{"metadata", {{"ownerReferences", json::array()}}}});
  ASSERT_EQ(ids(commit), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(commit, 0)["status"]["phase"], "Failed");
  ASSERT_EQ(commit.events.size(), 1U);
  EXPECT_EQ(commit.events[0].kind, kube::EventKind::warning);
}

TEST(RunReconciler, AQuotasRefusalNamesTheRunsThatHoldIt) {
  Runs runs;
  runs.started();
  json busy = runs.run, elsewhere = runs.run, over = runs.run;
  busy["metadata"]["name"] = "busy";
  busy["metadata"]["uid"] = "busy-uid";
  busy["status"]["counts"]["running"] = 3;
  elsewhere = busy;
  elsewhere["metadata"]["namespace"] = "team-b";
  over = busy;
  over["metadata"]["name"] = "over";
  over["status"]["phase"] = "Failed";
  runs.add(runs.world.runs, runs.run, busy, elsewhere, over);
  const std::string pod = runs.reconcile().writes.at(0).key.name;
  const kube::Plan commit =
      runs.reconcile(create_id(pod), Error{Errc::forbidden, "pods is forbidden: exceeded quota: team-a"}, 3);
  ASSERT_EQ(ids(commit), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(commit, 0)["status"]["tasks"][0]["message"],
            "held by run busy (3 running); pods is forbidden: exceeded quota: team-a");
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

TEST(RunReconciler, AStuckRunCanStillBeCancelled) {
  Runs runs;
  runs.started();
  runs.add(runs.world.revisions);
  runs.run["spec"]["cancel"] = json::object();
  runs.add(runs.world.runs, runs.run);
  json pod = runs.pod("p", "run-uid");
  runs.add(runs.world.pods, pod);
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"delete pod p", "release pod p"}));
  runs.add(runs.world.pods);
  const kube::Plan over = runs.reconcile();
  ASSERT_EQ(ids(over), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(over, 0)["status"]["phase"], "Cancelled");
}

TEST(RunReconciler, ARunThatIsOverNeedsNoRevisionToLetGoOfItsPods) {
  Runs runs;
  runs.started();
  runs.add(runs.world.revisions);
  runs.run["status"]["phase"] = "Succeeded";
  runs.add(runs.world.runs, runs.run);
  json pod = runs.pod("p", "run-uid");
  pod["status"]["phase"] = "Succeeded";
  runs.add(runs.world.pods, pod);
  const kube::Plan plan = runs.reconcile();
  EXPECT_EQ(ids(plan), (std::vector<std::string>{"release pod p"}));
  EXPECT_TRUE(plan.events.empty());
}

TEST(RunReconciler, ARunThatIsOverSaysThatItIsWhenSomethingIsAskedOfIt) {
  Runs runs;
  runs.started();
  runs.run["metadata"]["generation"] = 2;
  runs.run["spec"]["suspend"] = true;
  runs.run["status"]["phase"] = "Succeeded";
  runs.run["status"]["observedGeneration"] = 1;
  runs.add(runs.world.runs, runs.run);
  const kube::Plan plan = runs.reconcile();
  ASSERT_EQ(ids(plan), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(plan, 0)["status"]["observedGeneration"], 2);
  ASSERT_EQ(plan.events.size(), 1U);
  EXPECT_EQ(plan.events[0].reason, "RunIsOver");
}

// The caches of several resources are of several ages: `kubectl apply` of a Pipeline and `create` of a run follow each
// other within milliseconds.
TEST(RunReconciler, ARunWaitsForThePipelineThatALiveReadSaw) {
  Runs runs;
  const kube::Plan first = runs.reconciler.reconcile(kRun, {}, second(1));
  ASSERT_TRUE(first.writes.at(0).id.starts_with("read pipelines/daily"));
  kube::Feedback feedback;
  feedback.results.emplace(first.writes[0].id, json{{"metadata", {{"resourceVersion", "900"}}}});
  runs.run["metadata"]["annotations"][render::kStarted] = "run-uid";
  runs.add(runs.world.runs, runs.run);
  const kube::Plan behind = runs.reconciler.reconcile(kRun, feedback, second(1));
  for (const kube::Write& write : behind.writes) EXPECT_NE(write.id, "write status");
  EXPECT_EQ(behind.writes.at(0).id, first.writes[0].id) << "asked again";
}

TEST(RunReconciler, ARunIsNotRefusedForAPipelineThatTheCacheDoesNotShowYet) {
  Runs runs;
  runs.add(runs.world.pipelines);
  const kube::Plan first = runs.reconciler.reconcile(kRun, {}, second(1));
  ASSERT_EQ(first.writes.size(), 1U);
  EXPECT_TRUE(first.events.empty());
  kube::Feedback feedback;
  feedback.results.emplace(first.writes[0].id, Error{Errc::not_found, "not there"});
  const kube::Plan second_plan = runs.reconciler.reconcile(kRun, feedback, second(1));
  ASSERT_EQ(ids(second_plan), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(second_plan, 0)["status"]["conditions"][0]["reason"], "PipelineNotFound");
}

TEST(RunReconciler, AnotherProcessMayHaveWrittenTheRunBeforeThisOneLed) {
  Runs runs;
  runs.started();
  RunReconciler successor{runs.world, runs.late, "stage:1"};
  const kube::Plan look = successor.reconcile(kRun, {}, second(1));
  ASSERT_EQ(ids(look), (std::vector<std::string>{"read pipelineruns/run-1"}));
  kube::Feedback newer;
  newer.results.emplace(look.writes[0].id, json{{"metadata", {{"resourceVersion", "900"}}}});
  EXPECT_EQ(ids(successor.reconcile(kRun, newer, second(1))), ids(look)) << "this cache is behind";
  kube::Feedback gone;
  gone.results.emplace(look.writes[0].id, Error{Errc::not_found, "not there"});
  EXPECT_EQ(ids(successor.reconcile(kRun, gone, second(1))), ids(look)) << "this cache shows what is deleted";
  runs.version = 900;
  runs.add(runs.world.runs, runs.run);
  EXPECT_EQ(successor.reconcile(kRun, newer, second(1)).writes.at(0).resource_plural, "pods");
}

TEST(RunReconciler, ARevisionThatTheCacheDoesNotShowYetIsNotLost) {
  Runs runs;
  runs.started();
  runs.add(runs.world.revisions);
  const kube::Plan look = runs.reconciler.reconcile(kRun, {std::exchange(runs.answers, {})}, second(1));
  ASSERT_EQ(look.writes.size(), 1U);
  EXPECT_TRUE(look.writes[0].id.starts_with("read controllerrevisions/"));
  kube::Feedback there;
  there.results.emplace(look.writes[0].id, json{{"metadata", {{"resourceVersion", "7"}}}});
  EXPECT_EQ(ids(runs.reconciler.reconcile(kRun, there, second(1))), ids(look));
}

// run-0 failed after its first task, and run-1 retries it.
struct Retries : Runs {
  Retries() {
    api::RunPlan plan;
    plan.pipeline = api::parse<api::Pipeline>(pipeline).value().spec;
    plan.pipeline.tasks[1].args = {"${params.day}"};
    revision = {{"metadata", {{"name", "rev"}, {"namespace", "team-a"}, {"uid", "rev-uid"}}},
                {"data", api::serialize(plan)}};
    add(world.revisions, revision);
    engine::Ledger ledger;
    ledger.tasks["a"].state = engine::TaskState::succeeded;
    former = run;
    former["metadata"]["name"] = "run-0";
    former["metadata"]["uid"] = "former-uid";
    former["spec"]["params"]["day"] = "yesterday";
    former["status"] = {{"phase", "Failed"},
                        {"completionTime", "1970-01-01T00:00:01Z"},
                        {"pin", {{"revision", "rev"}, {"workspace", "ws"}, {"image", "r/ws@sha256:0"}}},
                        {"state", engine::encode(ledger)}};
    run["spec"].erase("params");
    run["spec"]["retryOf"] = {{"name", "run-0"}, {"uid", "former-uid"}};
    add(world.pipelines);
    add(world.runs, former, run);
  }

  json former;
};

TEST(RunReconciler, ARetryGoesOnWhereTheRunBeforeFailed) {
  Retries runs;
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"mark the run as started", "join revision rev"}));
  runs.run["metadata"]["annotations"][render::kStarted] = "run-uid";
  runs.revision["metadata"]["ownerReferences"] = json::array({{{"uid", "run-uid"}}});
  runs.add(runs.world.revisions, runs.revision);
  runs.add(runs.world.runs, runs.former, runs.run);
  const kube::Plan pinned = runs.reconcile();
  ASSERT_EQ(ids(pinned), (std::vector<std::string>{"write status"}));
  runs.run["status"] = body(pinned, 0)["status"];
  runs.add(runs.world.runs, runs.run);  // the run before is not needed any more
  runs.answers.emplace("write status", runs.answer_to(pinned.writes[0]));
  const kube::Plan first = runs.reconcile();
  ASSERT_EQ(first.writes.size(), 1U) << ::testing::PrintToString(ids(first));
  const json pod = body(first, 0);
  EXPECT_EQ(pod["metadata"]["labels"][render::kTaskName], "b");
  EXPECT_EQ(pod["spec"]["containers"][0]["args"], json::array({"yesterday"}));
  EXPECT_EQ(pod["spec"]["containers"][0]["image"], "r/ws@sha256:1");
}

TEST(RunReconciler, ARevisionToRetryThatTheCacheDoesNotShowIsLookedForBeforeItIsSaidToBeLost) {
  Retries runs;
  runs.add(runs.world.revisions);
  const kube::Plan look = runs.reconciler.reconcile(kRun, {}, second(1));
  const std::vector<std::string> reads = ids(look);
  ASSERT_TRUE(std::find(reads.begin(), reads.end(), "read controllerrevisions/rev") != reads.end());
  for (const kube::Write& write : look.writes) EXPECT_TRUE(write.id.starts_with("read ")) << write.id;
  EXPECT_TRUE(look.events.empty());
  const kube::Plan told = runs.reconcile();
  ASSERT_EQ(ids(told), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(told, 0)["status"]["conditions"][0]["reason"], "RetryNotPossible");
}

TEST(RunReconciler, ARetryThatWaitsLooksAgain) {
  Retries runs;
  runs.former["status"]["phase"] = "Running";
  runs.add(runs.world.runs, runs.former, runs.run);
  const kube::Plan told = runs.reconcile();
  ASSERT_EQ(ids(told), (std::vector<std::string>{"write status"}));
  EXPECT_EQ(body(told, 0)["status"]["conditions"][0]["reason"], "RetryWaits");
  runs.run["status"] = body(told, 0)["status"];
  runs.add(runs.world.runs, runs.former, runs.run);
  const kube::Plan quiet = runs.reconcile();
  EXPECT_TRUE(quiet.writes.empty());
  EXPECT_TRUE(quiet.requeue_after);
}

TEST(RunReconciler, WhatTheApiServerRefusesOfAStartIsTold) {
  Runs runs;
  const kube::Plan first = runs.reconcile();
  const std::string create = first.writes.at(1).id;
  const kube::Plan told = runs.reconcile(create, Error{Errc::forbidden, "exceeded quota: revisions"});
  ASSERT_EQ(ids(told), (std::vector<std::string>{"write status"}));
  const json condition = body(told, 0)["status"]["conditions"][0];
  EXPECT_EQ(condition["reason"], "StartRefused");
  EXPECT_NE(condition["message"].get<std::string>().find("exceeded quota: revisions"), std::string::npos);
  EXPECT_EQ(told.events.size(), 1U);
  runs.run["status"] = body(told, 0)["status"];
  runs.add(runs.world.runs, runs.run);
  EXPECT_EQ(ids(runs.reconcile(create, Error{Errc::forbidden, "exceeded quota: revisions"})), ids(first)) << "again";
}

// The API server, which is written in Go, would escape them itself with the first patch, and find `data` changed.
TEST(RunReconciler, ARevisionIsWrittenAsTheApiServerWritesItSoThatOthersCanJoin) {
  Runs runs;
  const std::string script = "test 1 < 2 && echo \u2028 > /tmp/x; echo \u00fc \x7f \"\\u003c\"";
  runs.pipeline["spec"]["tasks"][0]["command"] = {"sh", "-c", script};
  runs.add(runs.world.pipelines, runs.pipeline);
  const kube::Plan plan = runs.reconcile();
  const std::string& written = plan.writes.at(1).request.body;
  EXPECT_EQ(written.find_first_of("<>&"), std::string::npos) << written;
  EXPECT_EQ(written.find("\u2028"), std::string::npos) << written;
  EXPECT_NE(written.find("\u00fc \x7f"), std::string::npos) << "as they are";
  EXPECT_EQ(body(plan, 1)["data"]["pipeline"]["tasks"][0]["command"][2], script);
}

TEST(RunReconciler, ManyRunsJoinOneRevisionWithoutKeepingEachOtherOff) {
  Runs runs;
  const kube::Plan first = runs.reconcile();
  json made = json::parse(first.writes.at(1).request.body);
  made["metadata"]["uid"] = "rev-uid";
  made["metadata"]["ownerReferences"] = json::array();
  runs.add(runs.world.revisions, made);
  const kube::Plan join = runs.reconcile();
  ASSERT_EQ(ids(join).at(1), "join revision " + made["metadata"]["name"].get<std::string>());
  const json operations = json::parse(join.writes[1].request.body);
  EXPECT_EQ(operations[0], (json{{"op", "test"}, {"path", "/metadata/uid"}, {"value", "rev-uid"}}));
}

TEST(RunReconciler, ATaskPodThatNamesNoRunIsNobodysBusiness) {
  Runs runs;
  json pod = runs.pod("p", "run-uid");
  pod["metadata"]["labels"].erase(render::kRun);
  runs.add(runs.world.pods, pod);
  EXPECT_TRUE(runs.reconciler.reconcile({"team-a", ""}, {}, second(1)).writes.empty());
}

TEST(RunReconciler, AnAnswerWithoutAUidDoesNotSayThatARunIsGone) {
  Runs runs;
  runs.add(runs.world.runs);
  runs.add(runs.world.pods, runs.pod("p", "run-uid"));
  const std::string id = runs.reconcile().writes.at(0).id;
  EXPECT_EQ(ids(runs.reconcile(id, json{{"kind", "PipelineRunList"}})), (std::vector<std::string>{id}));
}

}  // namespace
}  // namespace atelier::reconcile
