#include "reconcile/late_requests.h"

#include <gtest/gtest.h>

#include "atelier/engine/decide.h"

namespace atelier::reconcile {
namespace {

const WallTime kNow{std::chrono::seconds{100}};

// It succeeded as it was first written, and was changed since.
api::PipelineRun some_run() {
  api::PipelineRun run;
  run.metadata.generation = 2;
  run.status.observed_generation = 1;
  run.status.phase = "Succeeded";
  run.status.tasks.resize(2);
  run.status.tasks[0].name = "done";
  run.status.tasks[1].name = "left-out";
  run.status.tasks[1].reason = "SkippedOnRequest";
  return run;
}

std::string refused(const api::PipelineRun& run) {
  const auto answer = answer_late_requests(run, kNow);
  if (!answer) return "nothing new";
  const auto* found = meta::find_condition(answer->status.conditions, engine::kRequestRefused);
  return found == nullptr ? "" : found->reason + ": " + found->message;
}

TEST(LateRequests, AreToldOnceWithAnEvent) {
  api::PipelineRun run = some_run();
  run.spec.cancel.emplace();
  run.spec.suspend = true;
  run.spec.skip = {"left-out", "done"};
  EXPECT_EQ(
      refused(run),
      "RunIsOver: the run is over (Succeeded), so that spec.cancel, spec.suspend, spec.skip has no effect; make a "
      "new run, with spec.retryOf or spec.rerunOf");
  auto answer = answer_late_requests(run, kNow);
  EXPECT_EQ(answer->status.observed_generation, 2);
  ASSERT_EQ(answer->notes.size(), 1U);
  EXPECT_TRUE(answer->notes[0].warning);
  run.status = answer->status;
  EXPECT_EQ(refused(run), "nothing new");
  run.metadata.generation = 3;
  EXPECT_TRUE(answer_late_requests(run, kNow)->notes.empty()) << "it was told of";
}

TEST(LateRequests, AreNoneWhereTheRunEndedAsAsked) {
  api::PipelineRun run = some_run();
  EXPECT_EQ(refused(run), "");
  run.spec.skip = {"left-out"};
  EXPECT_EQ(refused(run), "");
  run.spec.skip = {"beyond-the-rows"};
  EXPECT_EQ(refused(run), "");
  run.status.phase = "Cancelled";
  run.spec.cancel.emplace();
  EXPECT_EQ(refused(run), "");
  run.spec.suspend = true;
  EXPECT_NE(refused(run).find("(Cancelled), so that spec.suspend has no effect"), std::string::npos);
}

TEST(LateRequests, AreForgottenWhenNobodyAsksAnyMore) {
  api::PipelineRun run = some_run();
  run.spec.suspend = true;
  run.status = answer_late_requests(run, kNow)->status;
  run.metadata.generation = 3;
  run.spec.suspend = false;
  EXPECT_EQ(refused(run), "");
}

TEST(LateRequests, AreNoneOfARunOfWhichItIsNotKnownWhatWasLookedAt) {
  api::PipelineRun run = some_run();
  run.status.observed_generation = 0;
  run.spec.suspend = true;
  EXPECT_EQ(refused(run), "nothing new");
}

}  // namespace
}  // namespace atelier::reconcile
