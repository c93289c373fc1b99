#include "cli/unlisted_task.h"

#include <gtest/gtest.h>

#include "atelier/engine/decide.h"

namespace atelier::cli {
namespace {

const WallTime kNow = parse_time("2026-01-01T01:00:00Z").value();

// A hundred items, of which one runs and the next failed; `report` waits for them, and people are to look.
struct LargeRun {
  LargeRun() {
    api::Task load;
    load.name = "load";
    load.for_each = api::ForEach{{}, "lists.range(100)", 1};
    api::Task report;
    report.name = "report";
    report.depends_on = {"load"};
    report.results = {{"rows"}};
    report.large_results = true;
    api::Task look;
    look.name = "look";
    look.approval.emplace();
    plan.pipeline.tasks = {load, report, look};
    engine::TaskEntry& entry = ledger.tasks["load"];
    entry.state = engine::TaskState::running;
    entry.items.resize(100);
    entry.items[0].state = engine::TaskState::running;
    entry.items[0].attempt = 1;
    entry.items[0].reason = "ImagePullBackOff";
    entry.items[0].message = "no such image";
    entry.items[1].state = engine::TaskState::failed;
    entry.items[1].attempt = 2;
    entry.items[1].reason = "TaskFailed";
    ledger.tasks["look"].reason = "WaitsForApproval";
    ledger.tasks["look"].message = "1 of 2 approvals: bob";
  }

  std::string row(const std::string& item) {
    api::PipelineRun run;
    run.metadata.name = "daily";
    run.metadata.ns = "team-a";
    run.metadata.uid = Uid{"u"};
    run.spec.author = "alice";
    run.spec.suspend = suspended;
    run.status.start_time = kNow;
    run.status.state = engine::encode(ledger);
    const auto row = unlisted_task(run, std::make_shared<const api::RunPlan>(plan), item, kNow);
    if (!row) return row.error().message;
    const api::TaskStatus& told = row.value();
    return told.name + " " + told.state + "#" + std::to_string(told.attempt) + " " + told.reason + ": " + told.message;
  }

  api::RunPlan plan;
  engine::Ledger ledger;
  bool suspended = false;
};

TEST(UnlistedTask, IsToldAsStatusWouldTellIt) {
  LargeRun run;
  EXPECT_EQ(run.row("load[0]"), "load[0] Running#1 ImagePullBackOff: no such image");
  EXPECT_EQ(run.row("load[1]"), "load[1] Failed#2 TaskFailed: ");
  EXPECT_EQ(run.row("load[99]"), "load[99] Waiting#0 : waits for a place: forEach.maxParallel is 1");
  EXPECT_EQ(run.row("report"),
            "report Waiting#0 : waits for load, which does not get on with load[0]: ImagePullBackOff: no such image");
  run.suspended = true;
  EXPECT_EQ(run.row("load[99]"), "load[99] Waiting#0 : the run is suspended");
}

TEST(UnlistedTask, KeepsWhatTheOperatorSaidOfApprovals) {
  EXPECT_EQ(LargeRun{}.row("look"), "look Waiting#0 WaitsForApproval: 1 of 2 approvals: bob");
}

TEST(UnlistedTask, IsRefusedWhereTheRunHasNoneOrItsStateCannotTell) {
  LargeRun run;
  EXPECT_EQ(run.row("load[100]"), "run \"daily\" has no task \"load[100]\"");
  EXPECT_EQ(run.row("lod"), "run \"daily\" has no task \"lod\"");
  run.ledger.tasks["report"].state = engine::TaskState::succeeded;
  run.ledger.tasks["report"].stored = std::string(64, 'a');
  EXPECT_EQ(run.row("load[99]"),
            "the run hands on large results, of which only the operator can tell what they come to");
}

}  // namespace
}  // namespace atelier::cli
