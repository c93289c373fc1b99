#include "reconcile/pipeline_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using ::testing::HasSubstr;
using testing::json;
using testing::RunWorld;

struct Pipelines : RunWorld {
  // Of the Pipeline as it is, whose status becomes what was decided.
  std::vector<Note> decided() {
    pipeline["metadata"]["generation"] = generation;
    add(world.pipelines, pipeline);
    api::Pipeline read = *world.pipelines.get({"team-a", "daily"});
    read.status = status;
    const PipelineDecision decision =
        decide({read, world.workspaces.get({"team-a", "ws"}).get(), world.domains.get({"bd01", "dd01"}).get(),
                world.tenants.get({"", "bd"}).get(), testing::second(1)});
    status = decision.status;
    return decision.notes;
  }

  api::PipelineStatus status;
  int generation = 1;
};

const json kScript = json::parse(R"(["sh", "-c", "load ${params.day}"])");

TEST(PipelinePolicy, TellsOnceWhatLintWouldWarnOf) {
  Pipelines pipelines;
  pipelines.pipeline["spec"]["tasks"][0]["command"] = kScript;
  pipelines.pipeline["spec"]["tasks"][0].erase("args");
  const auto notes = pipelines.decided();
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_TRUE(notes[0].warning);
  EXPECT_EQ(notes[0].reason, "ReferenceInScript");
  EXPECT_THAT(notes[0].message, HasSubstr("spec.tasks[0].command[2]: "));
  EXPECT_EQ(pipelines.status.conditions[0].status, meta::ConditionStatus::true_) << "it is advice";
  EXPECT_TRUE(pipelines.decided().empty()) << "it was told";
  pipelines.generation = 2;
  pipelines.pipeline["spec"]["tasks"][1]["command"] = kScript;
  const auto of_two = pipelines.decided();
  ASSERT_EQ(of_two.size(), 1U);
  EXPECT_THAT(of_two[0].message, HasSubstr("(and 1 more: atelier lint lists them)"));
}

TEST(PipelinePolicy, TellsItWhenThePipelineCanRunAtLast) {
  Pipelines pipelines;
  pipelines.pipeline["spec"]["tasks"][0]["command"] = kScript;
  const json live = pipelines.workspace["status"];
  pipelines.workspace["status"].erase("release");
  pipelines.add(pipelines.world.workspaces, pipelines.workspace);
  EXPECT_TRUE(pipelines.decided().empty());
  pipelines.workspace["status"] = live;
  pipelines.add(pipelines.world.workspaces, pipelines.workspace);
  EXPECT_EQ(pipelines.decided().size(), 1U);
}

TEST(PipelinePolicy, HasNothingToSayOfWhatIsWellWritten) {
  Pipelines pipelines;
  EXPECT_TRUE(pipelines.decided().empty());
  EXPECT_EQ(pipelines.status.conditions[0].reason, "Valid");
}

}  // namespace
}  // namespace atelier::reconcile
