// A Workspace that is watched, whose DataDomain is in a namespace that is not: what its Pipelines and runs say.
#include <gtest/gtest.h>

#include "reconcile/pipeline_policy.h"
#include "reconcile/run_start.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

std::string ready_of(const PipelineInput& input) {
  const PipelineDecision decision = decide(input);
  const meta::Condition* ready = meta::find_condition(decision.status.conditions, "Ready");
  return ready == nullptr ? "" : ready->reason + ": " + ready->message;
}

TEST(DataDomainBeyondSight, PipelinesSayTheSameAndNotThatTheDataDomainIsMissing) {
  const testing::RunWorld world;
  const auto pipeline = world.world.pipelines.get({"team-a", "daily"});
  const auto workspace = world.world.workspaces.get({"team-a", "ws"});
  PipelineInput input{*pipeline, workspace.get(), nullptr, nullptr, testing::second(1), {{"team-a"}}};
  const std::string said = ready_of(input);
  EXPECT_TRUE(
      said.starts_with("NamespaceNotWatched: Workspace \"ws\" is not admitted: spec.dataDomain: this operator "
                       "does not watch the namespace \"bd01\""))
      << said;
  input.watches.chosen = {"team-a", "bd01"};
  EXPECT_TRUE(ready_of(input).starts_with("DataDomainNotFound: "));
}

TEST(DataDomainBeyondSight, RunsWaitForTheNamespaceToBeWatched) {
  const testing::RunWorld world;
  const auto run = world.world.runs.get({"team-a", "run-1"});
  const auto pipeline = world.world.pipelines.get({"team-a", "daily"});
  const auto workspace = world.world.workspaces.get({"team-a", "ws"});
  RunStartInput input{*run, pipeline.get(), workspace.get(), nullptr, nullptr, nullptr, "", testing::second(1)};
  input.watches.chosen = {"team-a"};
  EXPECT_EQ(wanted_plan(input), std::nullopt);
  const RunStartDecision decision = decide_start(input);
  EXPECT_EQ(decision.status.phase, "Pending");
  EXPECT_EQ(meta::find_condition(decision.status.conditions, "Succeeded")->reason, "NamespaceNotWatched");
  ASSERT_EQ(decision.notes.size(), 1U);
  EXPECT_EQ(decision.notes[0].reason, "NamespaceNotWatched");
}

}  // namespace
}  // namespace atelier::reconcile
