#include "atelier/engine/recorded.h"

#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

Entry entry(TaskState state, std::int64_t attempt) {
  Entry out;
  out.state = state;
  out.attempt = attempt;
  return out;
}

TEST(Recorded, AnAttemptHasEndedWhenALaterOneRunsOrTheTaskWaitsOrHasEnded) {
  EXPECT_FALSE(holds_end(entry(TaskState::waiting, 0), 1));
  EXPECT_FALSE(holds_end(entry(TaskState::running, 1), 1));
  EXPECT_TRUE(holds_end(entry(TaskState::running, 2), 1));
  EXPECT_TRUE(holds_end(entry(TaskState::waiting, 1), 1)) << "another follows";
  EXPECT_FALSE(holds_end(entry(TaskState::waiting, 1), 2));
  EXPECT_TRUE(holds_end(entry(TaskState::succeeded, 1), 1));
  EXPECT_FALSE(holds_end(entry(TaskState::running, 2), 0)) << "nobody's";
}

TEST(Recorded, ItemsOfAFanOutAreLookedAtEachForItself) {
  Ledger ledger;
  TaskEntry& task = ledger.tasks["load"];
  task.state = TaskState::running;
  task.items = {entry(TaskState::succeeded, 1), entry(TaskState::running, 1)};
  EXPECT_TRUE(holds_end(ledger, {"load", 0, 1}));
  EXPECT_FALSE(holds_end(ledger, {"load", 1, 1}));
  EXPECT_FALSE(holds_end(ledger, {"load", 2, 1}));
  EXPECT_FALSE(holds_end(ledger, {"load", -7, 1}));
  EXPECT_FALSE(holds_end(ledger, {"extract", kNoItem, 1}));
  task.state = TaskState::failed;
  EXPECT_TRUE(holds_end(ledger, {"load", 2, 1})) << "it ended without its items";
  ledger.phase = RunPhase::cancelled;
  EXPECT_TRUE(holds_end(ledger, {"extract", kNoItem, 1}));
}

}  // namespace
}  // namespace atelier::engine
