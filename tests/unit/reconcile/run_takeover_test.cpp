#include "reconcile/run_takeover.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "atelier/engine/decide.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using testing::second;
using Params = std::map<std::string, std::string>;

api::Task task(const std::string& name, std::vector<std::string> after = {}) {
  api::Task out;
  out.name = name;
  out.command = {"run"};
  out.depends_on = std::move(after);
  return out;
}

engine::TaskEntry entry(engine::TaskState state, engine::Results results = {}) {
  engine::TaskEntry out;
  out.state = state;
  out.attempt = 3;
  out.restarts = 1;
  out.reason = "Because";
  out.message = "as it was";
  out.started = out.since = second(1);
  out.finished = second(5);
  out.results = std::move(results);
  return out;
}

// "before" failed: extract succeeded, load failed, people approved and finally was done.
struct Retry {
  Retry() {
    plan.pipeline.workspace.name = "ws";
    plan.pipeline.tasks = {task("extract"), task("load", {"extract"}), task("people"), task("report", {"load"})};
    plan.pipeline.tasks[0].results = {{"rows"}};
    plan.pipeline.tasks[1].args = {"${tasks.extract.results.rows}"};
    plan.pipeline.tasks[2].command.clear();
    plan.pipeline.tasks[2].approval.emplace();
    plan.pipeline.finally = {task("clean")};
    ledger.phase = engine::RunPhase::failed;
    ledger.reason = "Failed";
    ledger.completed = second(9);
    ledger.finally_since = second(7);
    ledger.tasks = {{"extract", entry(engine::TaskState::succeeded, {{"rows", "7"}})},
                    {"load", entry(engine::TaskState::failed)},
                    {"people", entry(engine::TaskState::succeeded)},
                    {"report", entry(engine::TaskState::skipped)},
                    {"clean", entry(engine::TaskState::succeeded)}};
    before.metadata.name = "before";
    before.metadata.uid = Uid{"before-uid"};
    before.spec.pipeline.name = "daily";
    before.spec.params = {{"day", "monday"}, {"table", "orders"}};
    before.status.phase = "Failed";
    before.status.pin = {"rev", "ws", "image", "release", {}};
    before.status.state = engine::encode(ledger);
    run.metadata.name = "again";
    run.spec.pipeline.name = "daily";
    run.spec.author = "alice";
    run.spec.retry_of = {"before", Uid{"before-uid"}};
  }
  void reruns() { run.spec.rerun_of = std::exchange(run.spec.retry_of, std::nullopt); }

  // "reason: message", in the words of a status; empty: nothing is in the way.
  std::string obstacle() const {
    const auto found = takeover_obstacle(run, &before, &revision);
    return found ? found->refusal.reason + ": " + found->refusal.message : "";
  }
  engine::Decision decide(const engine::Ledger& committed, std::vector<engine::PodObservation> pods = {}) const {
    return engine::decide({.run = {"team-a", "again"},
                           .run_uid = Uid{"again-uid"},
                           .plan = plan,
                           .params = {},
                           .spec = run.spec,
                           .committed = committed,
                           .pods = std::move(pods),
                           .rejections = {},
                           .gone = {},
                           .approvals = {},
                           .guard = {engine::ApprovalGuard::State::in_force, "", second(0)},
                           .created = second(90),
                           .now = second(100),
                           .started = second(100),
                           .last_commit = {}});
  }

  api::RunPlan plan;
  engine::Ledger ledger;
  api::PipelineRun before, run;
  RevisionRecord revision;
};

std::vector<engine::CreatePod> created(const engine::Decision& decision) {
  std::vector<engine::CreatePod> out;
  for (const engine::Action& action : decision.actions) {
    if (const auto* create = std::get_if<engine::CreatePod>(&action)) out.push_back(*create);
  }
  return out;
}

TEST(RunTakeover, WhatSucceededIsTakenOverWithItsResultsAndNothingElseIs) {
  const Retry retry;
  const engine::Ledger taken = taken_over(retry.ledger, retry.plan.pipeline);
  ASSERT_EQ(taken.tasks.size(), 1U) << "no failure, no approval, nothing of finally";
  engine::TaskEntry expected;
  expected.state = engine::TaskState::succeeded;
  expected.reason = "TakenOver";
  expected.finished = second(5);
  expected.results = {{"rows", "7"}};
  EXPECT_EQ(taken.tasks.at("extract"), expected) << "of no attempt";
  EXPECT_FALSE(taken.completed || taken.finally_since);
  EXPECT_EQ(taken.phase, engine::RunPhase::running);
}

TEST(RunTakeover, TheEngineMakesNoPodOfWhatIsTakenOverAndStartsWhatFollowsWithItsResults) {
  const Retry retry;
  const engine::Decision decision = retry.decide(taken_over(retry.ledger, retry.plan.pipeline));
  const auto pods = created(decision);
  ASSERT_EQ(pods.size(), 1U);
  EXPECT_EQ(pods[0].task, "load");
  EXPECT_EQ(pods[0].attempt, 1);
  EXPECT_EQ(pods[0].args, std::vector<std::string>{"7"});
  const auto shown = std::find_if(decision.status.tasks.begin(), decision.status.tasks.end(),
                                  [](const api::TaskStatus& one) { return one.name == "extract"; });
  ASSERT_NE(shown, decision.status.tasks.end());
  EXPECT_EQ(shown->state, "Succeeded");
  EXPECT_EQ(shown->reason, "TakenOver");
  EXPECT_EQ(shown->pod, "") << "this run has none";
  EXPECT_EQ(decision.status.counts.succeeded, 1);
}

// What people are asked again comes first, also where items were taken over.
TEST(RunTakeover, TheItemsOfAFanOutThatSucceededAreTakenOverAndTheOthersRunInTheirTurn) {
  Retry test;
  api::Task& load = test.plan.pipeline.tasks[1];
  load.for_each = api::ForEach{{"a", "b"}, "", std::nullopt};
  load.depends_on = {"extract", "people"};
  engine::TaskEntry& before = test.ledger.tasks["load"];
  before.items = {entry(engine::TaskState::failed), entry(engine::TaskState::succeeded)};
  engine::Ledger ledger = taken_over(test.ledger, test.plan.pipeline);
  ASSERT_EQ(ledger.tasks.at("load").items.size(), 2U);
  EXPECT_EQ(ledger.tasks.at("load").items[0], engine::Entry{});
  EXPECT_EQ(ledger.tasks.at("load").items[1].state, engine::TaskState::succeeded);
  const auto creates = [&] {
    std::vector<std::int64_t> items;
    for (const engine::Action& action : test.decide(ledger).actions) {
      const auto* create = std::get_if<engine::CreatePod>(&action);
      if (create != nullptr && create->task == "load") items.push_back(create->item);
    }
    return items;
  };
  EXPECT_EQ(creates(), std::vector<std::int64_t>{});
  ledger.tasks["people"].state = engine::TaskState::succeeded;
  EXPECT_EQ(creates(), std::vector<std::int64_t>{0});
}

TEST(RunTakeover, ItemsThatFollowAreCountedAsTheEngineCountsThem) {
  Retry test;
  api::Task& load = test.plan.pipeline.tasks[1];
  load.for_each = api::ForEach{{"a", "b", "c"}, "", std::nullopt};
  load.depends_on = {"extract", "people"};
  test.ledger.tasks["load"].items = {entry(engine::TaskState::failed), entry(engine::TaskState::succeeded),
                                     entry(engine::TaskState::skipped)};
  const engine::Ledger ledger = taken_over(test.ledger, test.plan.pipeline);
  const api::TaskCounts counts = counts_at_start(test.plan.pipeline, ledger);
  EXPECT_EQ(counts, (api::TaskCounts{.total = 7, .waiting = 5, .succeeded = 2}));
  EXPECT_EQ(counts, test.decide(ledger).status.counts);
}

TEST(RunTakeover, WhereOnlyFinallyFailedItRunsAgain) {
  Retry retry;
  retry.plan.pipeline.tasks = {task("extract")};
  retry.ledger.tasks = {{"extract", entry(engine::TaskState::succeeded)}, {"clean", entry(engine::TaskState::failed)}};
  const auto pods = created(retry.decide(taken_over(retry.ledger, retry.plan.pipeline)));
  ASSERT_EQ(pods.size(), 1U);
  EXPECT_EQ(pods[0].task, "clean");
}

TEST(RunTakeover, ARetryOfARetryTakesOverWhatTheFirstOneDid) {
  Retry retry;
  engine::Ledger second_run = taken_over(retry.ledger, retry.plan.pipeline);
  second_run.tasks["load"] = entry(engine::TaskState::succeeded);
  second_run.tasks["report"] = entry(engine::TaskState::failed);
  second_run = engine::decode(engine::encode(second_run)).value();
  const engine::Ledger third = taken_over(second_run, retry.plan.pipeline);
  EXPECT_EQ(third.tasks.at("extract").results, (engine::Results{{"rows", "7"}}));
  const auto pods = created(retry.decide(third));
  ASSERT_EQ(pods.size(), 1U);
  EXPECT_EQ(pods[0].task, "report");
}

TEST(RunTakeover, NothingIsInTheWayOfARetryOfARunThatFailed) {
  Retry retry;
  EXPECT_EQ(retry.obstacle(), "");
  retry.before.status.phase = "Cancelled";
  EXPECT_EQ(retry.obstacle(), "");
}

TEST(RunTakeover, ARunThatTakesNothingOverNeedsNothing) {
  Retry retry;
  retry.run.spec.retry_of.reset();
  EXPECT_FALSE(takeover_obstacle(retry.run, nullptr, nullptr));
}

TEST(RunTakeover, ARunOfAnotherUidIsAnother) {
  Retry retry;
  retry.before.metadata.uid = Uid{"later"};
  EXPECT_EQ(
      retry.obstacle(),
      "RetryNotPossible: spec.retryOf: run \"before\" has the uid \"later\", not \"before-uid\": it is a later one "
      "of that name; name it with its own uid if it is meant");
  retry.reruns();
  EXPECT_TRUE(retry.obstacle().starts_with("RerunNotPossible: spec.rerunOf: run \"before\" has the uid"));
}

TEST(RunTakeover, ARunOfAnotherPipelineIsRefused) {
  Retry retry;
  retry.before.spec.pipeline.name = "weekly";
  EXPECT_EQ(retry.obstacle(),
            "RetryNotPossible: spec.retryOf: run \"before\" is one of the Pipeline \"weekly\"; write that into "
            "spec.pipeline.name, or name a run of this one");
}

TEST(RunTakeover, ARunThatIsNotOverIsWaitedFor) {
  Retry retry;
  for (const char* phase : {"", "Pending", "Running"}) {
    retry.before.status.phase = phase;
    const auto found = takeover_obstacle(retry.run, &retry.before, &retry.revision);
    ASSERT_TRUE(found) << phase;
    EXPECT_TRUE(found->waits);
    EXPECT_EQ(found->refusal.reason, "RetryWaits");
  }
  retry.reruns();
  EXPECT_EQ(retry.obstacle(), "") << "its parameters do not change";
}

TEST(RunTakeover, WhatSucceededIsNotRetried) {
  Retry retry;
  retry.before.status.phase = "Succeeded";
  EXPECT_EQ(retry.obstacle(),
            "RetryNotPossible: spec.retryOf: run \"before\" succeeded; use spec.rerunOf to run all of it again");
  retry.reruns();
  EXPECT_EQ(retry.obstacle(), "");
}

TEST(RunTakeover, ARunThatNeverStartedIsNotRetried) {
  Retry retry;
  retry.before.status.pin.reset();
  EXPECT_EQ(retry.obstacle(),
            "RetryNotPossible: spec.retryOf: run \"before\" never started, so that it has nothing to go on from; use "
            "spec.rerunOf");
}

TEST(RunTakeover, ASkipDoesNotDecideForTheRetryWhetherPeopleAreAsked) {
  Retry retry;
  retry.revision.plan = retry.plan;
  retry.ledger.tasks["report"].reason = "SkippedOnRequest";
  retry.before.status.state = engine::encode(retry.ledger);
  EXPECT_EQ(retry.obstacle(), "") << "they are asked in any case";
  retry.revision.plan.pipeline.tasks[2].when = "tasks.report.status == 'Failed'";
  EXPECT_EQ(retry.obstacle(),
            "RetryNotPossible: spec.retryOf: task \"report\" of run \"before\" was skipped on request, on which it may "
            "depend whether "
            "people are asked; use spec.rerunOf");
}

TEST(RunTakeover, WithoutItsRevisionOrItsLedgerARunIsNotRetried) {
  Retry retry;
  const auto lost = takeover_obstacle(retry.run, &retry.before, nullptr);
  ASSERT_TRUE(lost);
  EXPECT_FALSE(lost->waits);
  EXPECT_NE(lost->refusal.message.find("the ControllerRevision \"rev\""), std::string::npos);
  retry.before.status.state = "garbage";
  EXPECT_TRUE(retry.obstacle().starts_with("RetryNotPossible: spec.retryOf: status.state of run \"before\": "));
}

TEST(RunTakeover, TheRunsOwnParametersGoOverThoseOfTheRunBefore) {
  Retry retry;
  EXPECT_EQ(taken_over_params(retry.run, retry.before), retry.before.spec.params);
  retry.reruns();
  retry.run.spec.params = {{"day", "tuesday"}};
  EXPECT_EQ(taken_over_params(retry.run, retry.before), (Params{{"day", "tuesday"}, {"table", "orders"}}));
}

TEST(RunTakeover, TheParametersOfARunThatTookThemOverAreInItsPin) {
  Retry retry;
  EXPECT_EQ(given_params(retry.before), retry.before.spec.params);
  retry.before.spec.params.clear();
  retry.before.spec.retry_of = {"first", Uid{"first-uid"}};
  retry.before.status.pin->params = {{"day", "sunday"}};
  EXPECT_EQ(taken_over_params(retry.run, retry.before), (Params{{"day", "sunday"}}));
}

TEST(RunTakeover, TheParametersOfARunThatHasNotTakenThemOverYetAreWaitedFor) {
  Retry retry;
  retry.reruns();
  retry.before.spec.retry_of = {"first", Uid{"first-uid"}};
  retry.before.status.pin.reset();
  retry.before.status.phase = "Pending";
  EXPECT_TRUE(retry.obstacle().starts_with("RerunWaits: "));
  retry.before.status.phase = "Failed";
  EXPECT_EQ(retry.obstacle(),
            "RerunNotPossible: spec.rerunOf: run \"before\" never started, and its parameters are those of run "
            "\"first\"; name that one");
}

TEST(RunTakeover, ARetryNeedsTheWorkspaceOfTheRunBefore) {
  Retry retry;
  api::Pipeline pipeline;
  pipeline.spec.workspace.name = "another by now";
  EXPECT_EQ(workspace_of(retry.run, &retry.before, &pipeline), "ws");
  EXPECT_EQ(workspace_of(retry.run, nullptr, &pipeline), "");
  retry.reruns();
  EXPECT_EQ(workspace_of(retry.run, &retry.before, &pipeline), "another by now");
  EXPECT_EQ(workspace_of(retry.run, &retry.before, nullptr), "");
}

}  // namespace
}  // namespace atelier::reconcile
