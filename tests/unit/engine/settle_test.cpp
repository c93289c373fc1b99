#include <gtest/gtest.h>

#include "atelier/engine/decide.h"

namespace atelier::engine {
namespace {

WallTime at(int seconds) { return WallTime{std::chrono::seconds{seconds}}; }

class Settle : public ::testing::Test {
 protected:
  Settle() {
    plan_.pipeline.tasks.resize(1);
    plan_.pipeline.tasks[0].name = "a";
    plan_.pipeline.tasks[0].retry.limit = 3;
    plan_.pipeline.tasks[0].retry.backoff.jitter = 0;
    plan_.pipeline.tasks[0].retry.backoff.initial = Millis{0};
    observed_.now = at(100);
    observed_.last_commit = at(100);
  }
  PodObservation pod(std::int64_t attempt, PodPhase phase) const {
    PodObservation pod;
    pod.name = pod_name({"ns", "run"}, Uid{"uid"}, {"a", kNoItem, attempt});
    pod.uid = Uid{pod.name};
    pod.task = "a";
    pod.attempt = attempt;
    pod.phase = phase;
    pod.holds_result = true;
    return pod;
  }
  static std::size_t creates(const Decision& decision) {
    std::size_t count = 0;
    for (const Action& action : decision.actions) count += std::holds_alternative<CreatePod>(action) ? 1U : 0U;
    return count;
  }

  api::RunPlan plan_;
  api::PipelineRunSpec spec_;
  Observed observed_{.run = {"ns", "run"},
                     .run_uid = Uid{"uid"},
                     .plan = plan_,
                     .params = {},
                     .spec = spec_,
                     .committed = {},
                     .pods = {},
                     .rejections = {},
                     .gone = {},
                     .approvals = {},
                     .guard = {},
                     .created = {},
                     .now = {},
                     .started = {},
                     .last_commit = {}};
};

TEST_F(Settle, AnAttemptThatNeverStartedDoesNotShowWhenTheOneBeforeDid) {
  TaskEntry& entry = observed_.committed.tasks["a"];
  entry.attempt = 1;
  entry.started = at(10);
  entry.finished = at(20);
  PodObservation evicted = pod(2, PodPhase::failed);
  evicted.reason = "Evicted";
  evicted.finished = at(60);
  observed_.pods = {evicted};
  const TaskEntry after = decide(observed_).ledger.tasks.at("a");
  EXPECT_EQ(after.attempt, 2);
  EXPECT_EQ(after.finished, at(60));
  EXPECT_FALSE(after.started);
}

TEST_F(Settle, ANodeWhoseClockIsAheadDoesNotPutARetryOff) {
  plan_.pipeline.tasks[0].retry.backoff.initial = Millis{10'000};
  PodObservation failed = pod(1, PodPhase::failed);
  failed.finished = at(3'700);
  observed_.pods = {failed};
  EXPECT_EQ(decide(observed_).ledger.tasks.at("a").next_attempt_at, at(110));
}

TEST_F(Settle, AClockThatWasSetBackDoesNotPutARefusedCreateOff) {
  RejectedCreate refused;
  refused.task = "a";
  refused.attempt = 1;
  refused.at = at(3'700);
  observed_.rejections = {refused};
  EXPECT_EQ(decide(observed_).wake_at, at(105));
}

TEST_F(Settle, ReasonAndMessageOfAPodAreCut) {
  PodObservation failed = pod(1, PodPhase::failed);
  failed.reason = failed.message = std::string(9'000, 'r');
  observed_.pods = {failed};
  const TaskEntry after = decide(observed_).ledger.tasks.at("a");
  EXPECT_EQ(after.reason.size(), 256U);
  EXPECT_EQ(after.message.size(), 256U);
}

// That a pod ended is seen on the pod. That it is lost is inferred from the ledger, which may be an old one: only the
// commit, with its precondition, tells.
TEST_F(Settle, WhatFollowsALostPodWaitsForTheCommit) {
  TaskEntry& entry = observed_.committed.tasks["a"];
  entry.state = TaskState::running;
  entry.attempt = 1;
  observed_.committed.phase = RunPhase::running;
  observed_.gone = {{"a", kNoItem, 1}};
  const Decision lost = decide(observed_);
  EXPECT_EQ(lost.ledger.tasks.at("a").reason, "PodLost");
  EXPECT_EQ(creates(lost), 0U);
  observed_.committed = lost.ledger;
  EXPECT_EQ(creates(decide(observed_)), 1U);
}

// Anyone who may create pods in the namespace can write our labels.
TEST_F(Settle, APodOfAnotherNameIsNotTheAttemptsWhateverItsLabelsSay) {
  PodObservation forged = pod(1, PodPhase::succeeded);
  forged.name = "forged";
  observed_.pods = {forged};
  const Decision decision = decide(observed_);
  EXPECT_EQ(creates(decision), 1U);
  EXPECT_EQ(decision.actions.size(), 1U);
  EXPECT_EQ(decision.ledger, Ledger{});
}

TEST_F(Settle, WhatFollowsAPodThatIsSeenToHaveFailedWaitsForNothing) {
  observed_.pods = {pod(1, PodPhase::failed)};
  EXPECT_EQ(creates(decide(observed_)), 1U);
}

}  // namespace
}  // namespace atelier::engine
