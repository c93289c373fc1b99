#include "reconcile/run_start.h"

#include <gtest/gtest.h>

#include "atelier/engine/ledger.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using testing::second;

struct Start {
  Start() {
    testing::RunWorld made;
    run = api::parse<api::PipelineRun>(made.run).value();
    pipeline = api::parse<api::Pipeline>(made.pipeline).value();
    workspace = api::parse<api::Workspace>(made.workspace).value();
    domain = *made.world.domains.get({"bd01", "dd01"});
    tenant = *made.world.tenants.get({"", "bd"});
  }

  RunStartInput input() const {
    RunStartInput input{run, &pipeline, &workspace, &domain, &tenant, revision ? &*revision : nullptr, "", second(60)};
    if (former) input.former = &*former;
    return input;
  }
  RunStartDecision decide() const { return decide_start(input()); }
  const meta::Condition* succeeded(const RunStartDecision& decision) const {
    return meta::find_condition(decision.status.conditions, "Succeeded");
  }
  void marked() { run.metadata.annotations[render::kStarted] = run.metadata.uid.value; }
  void with_revision() {
    revision.emplace();
    revision->key = {"team-a", "rev"};
    revision->plan = *wanted_plan(input());
    revision->owners = {run.metadata.uid};
  }

  // The run is a retry of one that failed after its first task, with all that it was pinned to still there.
  void retries() {
    with_revision();
    revision->plan.pipeline.tasks[0].results = {{"rows"}};
    revision->plan.pipeline.tasks[1].args = {"${tasks.a.results.rows}"};
    former = run;
    former->metadata.name = "run-0";
    former->metadata.uid = Uid{"former-uid"};
    former->spec.params = {{"day", "yesterday"}};
    former->status.phase = "Failed";
    former->status.pin = {"rev", "ws", "r/ws@sha256:0", "rel-0", {}};
    engine::Ledger ledger;
    ledger.phase = engine::RunPhase::failed;
    ledger.tasks["a"].state = engine::TaskState::succeeded;
    ledger.tasks["a"].results = {{"rows", "7"}};
    ledger.tasks["b"].state = engine::TaskState::failed;
    former->status.state = engine::encode(ledger);
    run.spec.params.clear();
    run.spec.retry_of = {"run-0", Uid{"former-uid"}};
    marked();
  }
  std::string reason() const { return succeeded(decide())->reason; }

  api::PipelineRun run;
  std::optional<api::PipelineRun> former;
  api::Pipeline pipeline;
  api::Workspace workspace;
  api::DataDomain domain;
  api::BusinessDomain tenant;
  std::optional<RevisionRecord> revision;
};

TEST(RunStart, WaitsUntilItsWorkspaceIsAdmitted) {
  Start start;
  start.domain.spec.workspace_namespaces = {"team-b"};
  EXPECT_EQ(start.reason(), "NotAdmitted");
  EXPECT_FALSE(start.decide().mark || start.decide().create_revision);
  start.domain.spec.workspace_namespaces = {"team-a"};
  start.tenant.spec.namespaces = {"bd02"};
  EXPECT_EQ(start.reason(), "NotAdmitted");
  start.tenant.spec.namespaces = {"bd01"};
  EXPECT_TRUE(start.decide().mark);
}

TEST(RunStart, FirstMarksTheRunAndFixesWhatItExecutes) {
  const Start start;
  const RunStartDecision decision = start.decide();
  EXPECT_TRUE(decision.mark);
  ASSERT_TRUE(decision.create_revision);
  EXPECT_FALSE(decision.status.pin);
}

TEST(RunStart, WaitsForAPlaceBeforeItMarksOrPinsAnything) {
  Start start;
  start.workspace.status.places = {{"other", Uid{"other-uid"}}, {"run-1", Uid{"of an earlier run of that name"}}};
  RunStartInput input = start.input();
  input.ahead = 4;
  RunStartDecision decision = decide_start(input);
  EXPECT_EQ(decision.status.phase, "Pending");
  EXPECT_EQ(start.succeeded(decision)->reason, "WaitsForPlace");
  EXPECT_EQ(start.succeeded(decision)->message,
            "Workspace \"ws\" lets at most 2 runs be under way at a time (maxParallelPipelines, profile \"small\"), "
            "now other, run-1; this "
            "run is number 5 in the line");
  EXPECT_TRUE(decision.waits_for_place);
  EXPECT_TRUE(decision.notes.empty());
  EXPECT_FALSE(decision.mark || decision.create_revision);
  start.marked();  // by a version that knew no places
  start.with_revision();
  EXPECT_FALSE(start.decide().status.pin);
  start.run.spec.cancel.emplace();
  EXPECT_EQ(start.decide().status.phase, "Cancelled");
}

TEST(RunStart, AsksForNoPlaceWhileSomethingElseIsMissing) {
  Start start;
  start.workspace.status.places.clear();
  start.run.spec.params.clear();
  EXPECT_FALSE(start.decide().waits_for_place);
  EXPECT_EQ(start.reason(), "MissingParameter");
}

TEST(RunStart, WaitsForAProfileThatIsThereAndLargeEnough) {
  Start start;
  start.workspace.spec.resources.profile = "huge";
  EXPECT_EQ(start.reason(), "UnknownProfile");
  start.workspace.spec.resources = {"small", {{}, {}, {}, 3}};
  EXPECT_EQ(start.reason(), "AboveProfile");
  EXPECT_EQ(start.succeeded(start.decide())->message,
            "Workspace \"ws\": spec.resources.overrides.maxParallelPipelines: 3 is more than the 2 of profile "
            "\"small\"; ask for at most as much, or name a larger profile");
}

TEST(RunStart, PinsOnlyWhenMarkAndRevisionAreThere) {
  Start start;
  start.with_revision();
  EXPECT_FALSE(start.decide().status.pin);
  start.marked();
  const RunStartDecision decision = start.decide();
  ASSERT_TRUE(decision.status.pin);
  EXPECT_EQ(decision.status.pin->image, "r/ws@sha256:1");
  EXPECT_EQ(decision.status.pin->release, "rel-1");
  EXPECT_EQ(decision.status.phase, "Running");
  EXPECT_FALSE(decision.mark);
}

TEST(RunStart, JoinsTheRevisionOfAnEarlierRunOfTheSamePlan) {
  Start start;
  start.with_revision();
  start.marked();
  start.revision->owners = {Uid{"another-run"}};
  const RunStartDecision decision = start.decide();
  EXPECT_TRUE(decision.join_revision);
  EXPECT_FALSE(decision.create_revision);
  EXPECT_FALSE(decision.status.pin);
}

TEST(RunStart, ARunThatCameBackFromABackupIsNotRunAgain) {
  Start start;
  start.run.metadata.annotations[render::kStarted] = "the uid it had before";
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Failed");
  EXPECT_EQ(start.succeeded(decision)->reason, "Restored");
  EXPECT_FALSE(decision.mark || decision.create_revision);
}

TEST(RunStart, ACancelledRunNeverStarts) {
  Start start;
  start.run.spec.cancel = api::RunCancel{"not today"};
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Cancelled");
  EXPECT_EQ(start.succeeded(decision)->message, "cancelled before it started: not today");
}

TEST(RunStart, WaitsForItsPipelineAndSaysSoOnce) {
  Start start;
  RunStartInput input = start.input();
  input.pipeline = nullptr;
  RunStartDecision decision = decide_start(input);
  EXPECT_EQ(decision.status.phase, "Pending");
  EXPECT_EQ(start.succeeded(decision)->reason, "PipelineNotFound");
  EXPECT_EQ(decision.notes.size(), 1U);
  start.run.status = decision.status;
  EXPECT_TRUE(decide_start(input).notes.empty());
}

TEST(RunStart, WaitsForTheFirstRelease) {
  Start start;
  start.workspace.status.release.reset();
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Pending");
  EXPECT_EQ(start.succeeded(decision)->reason, "WorkspaceNotPublished");
  EXPECT_TRUE(decision.notes.empty());
}

TEST(RunStart, AnImageWithoutADigestCannotBePinned) {
  Start start;
  start.workspace.status.release->image_digest.clear();
  EXPECT_EQ(start.succeeded(start.decide())->reason, "ImageDigestUnknown");
}

TEST(RunStart, AMissingParameterFailsTheRun) {
  Start start;
  start.run.spec.params.clear();
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Failed");
  EXPECT_EQ(start.succeeded(decision)->reason, "MissingParameter");
}

TEST(RunStart, AnInvalidPipelineFailsTheRun) {
  Start start;
  start.pipeline.spec.tasks[0].depends_on = {"b"};
  EXPECT_EQ(start.succeeded(start.decide())->reason, "Cycle");
}

TEST(RunStart, ARetryIsPinnedToWhatTheRunBeforeExecutedWithTheImageThatIsLiveNow) {
  Start start;
  start.retries();
  start.pipeline.spec.tasks[0].args = {"changed since"};
  const RunStartDecision decision = start.decide();
  ASSERT_TRUE(decision.status.pin) << start.succeeded(decision)->message;
  EXPECT_EQ(decision.status.pin->revision, "rev");
  EXPECT_EQ(decision.status.pin->image, "r/ws@sha256:1");
  EXPECT_EQ(decision.status.pin->release, "rel-1");
  EXPECT_EQ(decision.status.pin->params, (std::map<std::string, std::string>{{"day", "yesterday"}}));
  EXPECT_EQ(decision.status.counts.succeeded, 1);
  EXPECT_EQ(decision.status.counts.waiting, 1);
  EXPECT_EQ(engine::decode(decision.status.state).value().tasks.at("a").reason, "TakenOver");
}

TEST(RunStart, ARetryCountsTheItemsThatAreNotTakenOverAsWaiting) {
  Start start;
  start.retries();
  engine::Ledger ledger = engine::decode(start.former->status.state).value();
  ledger.tasks["b"].items.resize(3);
  ledger.tasks["b"].items[0].state = engine::TaskState::succeeded;
  start.former->status.state = engine::encode(ledger);
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.counts, (api::TaskCounts{.total = 4, .waiting = 2, .succeeded = 2}));
}

TEST(RunStart, ParametersThatAreTooLargeWithThoseOfTheRunBeforeFailTheRun) {
  Start start;
  start.retries();
  start.run.spec.rerun_of = std::exchange(start.run.spec.retry_of, std::nullopt);
  for (int i = 0; i < 3; ++i) start.run.spec.params["p" + std::to_string(i)] = std::string(4'096, 'x');
  for (int i = 3; i < 5; ++i) start.former->spec.params["p" + std::to_string(i)] = std::string(4'096, 'x');
  for (int i = 0; i < 5; ++i) start.pipeline.spec.params.push_back({.name = "p" + std::to_string(i)});
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Failed");
  EXPECT_EQ(start.succeeded(decision)->reason, "InvalidValue");
  EXPECT_EQ(start.succeeded(decision)->message,
            "spec.params: have 20539 bytes together as JSON, should have at most 16384; put what is large into a file "
            "that tasks can read, and give its name (with the parameters of run \"run-0\")");
}

TEST(RunStart, ARetryNeedsNoPipelineAnyMore) {
  Start start;
  start.retries();
  RunStartInput input = start.input();
  input.pipeline = nullptr;
  EXPECT_TRUE(decide_start(input).status.pin);
}

TEST(RunStart, ARetryJoinsTheRevisionOfTheRunBefore) {
  Start start;
  start.retries();
  start.revision->owners = {Uid{"former-uid"}};
  const RunStartDecision decision = start.decide();
  EXPECT_TRUE(decision.join_revision);
  EXPECT_FALSE(decision.create_revision);
  EXPECT_FALSE(decision.status.pin);
}

TEST(RunStart, ARetryOwnsTheLargeResultsThatItTakesOverBeforeItIsPinned) {
  Start start;
  start.retries();
  start.marked();
  start.revision->plan.pipeline.tasks[0].large_results = true;
  engine::Ledger ledger = engine::decode(start.former->status.state).value();
  const std::string stored(64, 'a');
  ledger.tasks["a"].stored = stored;
  start.former->status.state = engine::encode(ledger);
  RunStartInput input = start.input();
  RunStartDecision decision = decide_start(input);
  EXPECT_EQ(decision.join_results, std::set{stored});
  EXPECT_FALSE(decision.status.pin);
  input.joined_results = {stored};
  decision = decide_start(input);
  EXPECT_TRUE(decision.join_results.empty());
  ASSERT_TRUE(decision.status.pin);
  EXPECT_EQ(engine::decode(decision.status.state).value().tasks.at("a").stored, stored);
}

TEST(RunStart, ARetryOwnsThePagesOfItemsThatItTakesOver) {
  Start start;
  start.retries();
  start.marked();
  const std::string one(64, 'a'), other(64, 'b');
  engine::Ledger ledger = engine::decode(start.former->status.state).value();
  auto& items = ledger.tasks["a"].items;
  items.resize(3);
  for (engine::Entry& item : items) item.state = engine::TaskState::succeeded;
  items[0].stored = items[2].stored = one;
  items[1].stored = other;
  start.former->status.state = engine::encode(ledger);
  RunStartInput input = start.input();
  EXPECT_EQ(decide_start(input).join_results, (std::set{one, other}));
  input.joined_results = {one};
  EXPECT_EQ(decide_start(input).join_results, std::set{other});
  EXPECT_FALSE(decide_start(input).status.pin);
  input.joined_results = {one, other};
  const RunStartDecision decision = decide_start(input);
  ASSERT_TRUE(decision.status.pin);
  EXPECT_EQ(engine::decode(decision.status.state).value().tasks.at("a").items.at(1).stored, other);
}

TEST(RunStart, ARetryWhoseLargeResultsAreGoneFailsAndSaysSo) {
  Start start;
  start.retries();
  engine::Ledger ledger = engine::decode(start.former->status.state).value();
  const std::string stored(64, 'a');
  ledger.tasks["a"].stored = stored;
  start.former->status.state = engine::encode(ledger);
  RunStartInput input = start.input();
  input.lost_results = {stored};
  const RunStartDecision decision = decide_start(input);
  EXPECT_EQ(decision.status.phase, "Failed");
  EXPECT_EQ(start.succeeded(decision)->reason, "ResultsLost");
  EXPECT_TRUE(decision.join_results.empty());
  EXPECT_FALSE(decision.status.pin || decision.mark);
}

TEST(RunStart, ARetryWaitsForTheEndOfTheRunBeforeWithoutAWarning) {
  Start start;
  start.retries();
  start.former->status.phase = "Running";
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Pending");
  EXPECT_EQ(start.succeeded(decision)->reason, "RetryWaits");
  EXPECT_TRUE(decision.notes.empty());
}

TEST(RunStart, ARetryThatIsNotPossibleFailsAndSaysWhy) {
  Start start;
  start.retries();
  start.former.reset();
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(decision.status.phase, "Failed");
  EXPECT_EQ(start.succeeded(decision)->reason, "RetryNotPossible");
  EXPECT_EQ(start.succeeded(decision)->message,
            "spec.retryOf: there is no run \"run-0\" in this namespace any more; make a run with spec.params instead");
  EXPECT_FALSE(decision.mark || decision.create_revision || decision.join_revision);
}

TEST(RunStart, ARetryWaitsForTheWorkspaceOfTheRunBefore) {
  Start start;
  start.retries();
  start.workspace.status.release.reset();
  EXPECT_EQ(start.reason(), "WorkspaceNotPublished");
}

TEST(RunStart, ARetryWithApprovalsSaysWhoMadeIt) {
  Start start;
  start.retries();
  start.revision->plan.pipeline.tasks.push_back({});
  start.revision->plan.pipeline.tasks.back().name = "people";
  start.revision->plan.pipeline.tasks.back().approval.emplace();
  EXPECT_EQ(start.reason(), "AuthorMissing");
}

TEST(RunStart, ARerunTakesTheParametersAndRunsThePipelineAsItIsNow) {
  Start start;
  start.pipeline.spec.params.push_back({"table", "", "orders"});
  start.retries();
  start.former->spec.params["table"] = "customers";
  start.former->status.phase = "Succeeded";
  start.run.spec.retry_of.reset();
  start.run.spec.rerun_of = {"run-0", Uid{"former-uid"}};
  start.run.spec.params = {{"day", "today"}};
  const RunStartDecision decision = start.decide();
  ASSERT_TRUE(decision.status.pin) << start.succeeded(decision)->message;
  EXPECT_EQ(decision.status.pin->params,
            (std::map<std::string, std::string>{{"day", "today"}, {"table", "customers"}}));
  EXPECT_EQ(decision.status.pin->revision, wanted_revision(start.input()));
  EXPECT_EQ(decision.status.state, "");
  EXPECT_EQ(decision.status.counts.succeeded, 0);
}

TEST(RunStart, AParameterOfTheRunBeforeThatThePipelineDoesNotTakeAnyMoreIsNamedWithThatRun) {
  Start start;
  start.retries();
  start.former->spec.params["region"] = "eu";
  start.run.spec.retry_of.reset();
  start.run.spec.rerun_of = {"run-0", Uid{"former-uid"}};
  const RunStartDecision decision = start.decide();
  EXPECT_EQ(start.succeeded(decision)->reason, "UnknownParameter");
  EXPECT_NE(start.succeeded(decision)->message.find("(with the parameters of run \"run-0\")"), std::string::npos);
}

TEST(RunStart, ThePlanHoldsTheWorkspacesEnvironmentAsItIsNow) {
  const Start start;
  const auto plan = wanted_plan(start.input());
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->profile, "small");
  EXPECT_EQ(plan->memory_mb, 4096);
  EXPECT_EQ(plan->env.size(), 1U);
}

}  // namespace
}  // namespace atelier::reconcile
