#include "reconcile/run_start.h"

#include <gtest/gtest.h>

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
  }

  RunStartInput input() const {
    RunStartInput input{run, &pipeline, &workspace, nullptr, nullptr, revision ? &*revision : nullptr, "", second(60)};
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

  api::PipelineRun run;
  api::Pipeline pipeline;
  api::Workspace workspace;
  std::optional<RevisionRecord> revision;
};

TEST(RunStart, FirstMarksTheRunAndFixesWhatItExecutes) {
  const Start start;
  const RunStartDecision decision = start.decide();
  EXPECT_TRUE(decision.mark);
  ASSERT_TRUE(decision.create_revision);
  EXPECT_FALSE(decision.status.pin);
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
