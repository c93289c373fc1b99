#include "engine/outcome.h"

#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

PodObservation failed(std::string reason, std::int64_t exit_code) {
  PodObservation pod;
  pod.phase = PodPhase::failed;
  pod.reason = std::move(reason);
  pod.exit_code = exit_code;
  return pod;
}

TEST(Outcome, AFailureShowsExitCodeAndTheEndOfTheLog) {
  PodObservation pod = failed("Error", 3);
  pod.termination_message = "Traceback\nValueError: no such day\n";
  const Outcome outcome = outcome_of(pod);
  EXPECT_EQ(outcome.reason, "TaskFailed");
  EXPECT_EQ(outcome.message, "exit code 3: Traceback\nValueError: no such day");
}

TEST(Outcome, CausesAreToldApart) {
  EXPECT_EQ(outcome_of(failed("OOMKilled", 137)).reason, "OOMKilled");
  EXPECT_EQ(outcome_of(failed("DeadlineExceeded", 143)).reason, "TimedOut");
  EXPECT_EQ(outcome_of(failed("Evicted", 137)).reason, "Evicted");
  PodObservation deleted = failed("Error", 143);
  deleted.deleting = true;
  EXPECT_EQ(outcome_of(deleted).reason, "PodDeleted");
  EXPECT_EQ(lost().reason, "PodLost");
}

TEST(Outcome, WhatTheClusterDisruptedIsToldInItsWords) {
  PodObservation drained = failed("Error", 143);
  drained.deleting = true;
  drained.disruption_reason = "EvictionByEvictionAPI";
  drained.disruption_message = "Eviction API: evicting";
  const Outcome outcome = outcome_of(drained);
  EXPECT_EQ(outcome.reason, "EvictionByEvictionAPI");
  EXPECT_EQ(outcome.message, "exit code 143: Eviction API: evicting");
  EXPECT_TRUE(outcome.by_cluster);
  drained.phase = PodPhase::running;  // its node is gone, and it was removed
  EXPECT_EQ(outcome_of(drained).reason, "EvictionByEvictionAPI");
  drained.phase = PodPhase::succeeded;
  EXPECT_TRUE(outcome_of(drained).succeeded);
  PodObservation pressed = failed("Evicted", 137);  // the kubelet says more about its own evictions
  pressed.disruption_reason = "TerminationByKubelet";
  EXPECT_EQ(outcome_of(pressed).reason, "Evicted");
  PodObservation large = failed("OOMKilled", 137);
  large.disruption_reason = "PreemptionByScheduler";
  EXPECT_FALSE(outcome_of(large).by_cluster) << "it ran out of memory before";
}

TEST(Outcome, MessagesAreCutAtACharactersEnd) {
  EXPECT_EQ(bounded("short"), "short");
  std::string text;
  for (int i = 0; i < 200; ++i) text += "\xc3\xa4";  // ä
  const std::string cut = bounded(text);
  EXPECT_LE(cut.size(), 256U);
  EXPECT_EQ(cut.substr(cut.size() - 3), "...");
  EXPECT_EQ((cut.size() - 3) % 2, 0U);
}

}  // namespace
}  // namespace atelier::engine
