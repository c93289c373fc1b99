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
