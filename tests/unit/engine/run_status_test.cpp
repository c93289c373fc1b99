#include "engine/run_status.h"

#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

std::vector<api::Task> tasks(int count) {
  std::vector<api::Task> out(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) out[static_cast<std::size_t>(i)].name = "t" + std::to_string(i);
  return out;
}

RunStatus status(const std::vector<api::Task>& plan, const Ledger& ledger) {
  api::PipelineSpec spec;
  spec.tasks = plan;
  const auto why = [](const Node& node, std::int64_t) { return Waits{"why " + node.task->name}; };
  return status_of({"ns", "run"}, Uid{"u"}, Graph{spec}, ledger, why);
}

TEST(RunStatus, CountsEveryTaskOnce) {
  Ledger ledger;
  ledger.tasks["t0"].state = TaskState::succeeded;
  ledger.tasks["t1"].state = TaskState::failed;
  ledger.tasks["t2"].state = TaskState::skipped;
  ledger.tasks["t3"].state = TaskState::running;
  const api::TaskCounts counts = status(tasks(5), ledger).counts;
  EXPECT_EQ(counts.total, 5);
  EXPECT_EQ(counts.succeeded + counts.failed + counts.skipped + counts.running, 4);
  EXPECT_EQ(counts.waiting, 1);
}

TEST(RunStatus, ShowsFailedRunningAndWaitingTasksFirstWhenThereAreMany) {
  Ledger ledger;
  for (int i = 0; i < 100; ++i) ledger.tasks["t" + std::to_string(i)].state = TaskState::succeeded;
  ledger.tasks["t97"].state = TaskState::waiting;
  ledger.tasks["t98"].state = TaskState::running;
  ledger.tasks["t99"].state = TaskState::failed;
  const auto shown = status(tasks(100), ledger).tasks;
  ASSERT_EQ(shown.size(), 64U);
  EXPECT_EQ(shown[0].name, "t99");
  EXPECT_EQ(shown[1].name, "t98");
  EXPECT_EQ(shown[2].name, "t97");
  EXPECT_EQ(shown[3].name, "t0");
}

TEST(RunStatus, AWaitingTaskSaysWhatItWaitsForAndASkippedOneWhy) {
  auto plan = tasks(3);
  plan[1].depends_on = {"t0"};
  plan[2].depends_on = {"t0"};
  Ledger ledger;
  EXPECT_EQ(status(plan, ledger).tasks[1].message, "why t1");
  ledger.tasks["t0"].state = TaskState::failed;
  ledger.tasks["t2"].state = TaskState::skipped;
  EXPECT_EQ(status(plan, ledger).tasks[2].message, "did not run, because of t0");
}

TEST(RunStatus, TheConditionNamesWhatFailed) {
  Ledger ledger;
  ledger.phase = RunPhase::failed;
  ledger.reason = "Failed";
  ledger.tasks["t0"].state = TaskState::failed;
  ledger.tasks["t0"].reason = "TimedOut";
  const meta::Condition condition = status(tasks(2), ledger).succeeded;
  EXPECT_EQ(condition.status, meta::ConditionStatus::false_);
  EXPECT_EQ(condition.message, "0 of 2 tasks succeeded; failed: t0 (TimedOut)");
}

}  // namespace
}  // namespace atelier::engine
