// The operator crashes at every write of a run, before it is applied, after it, and with the write arriving long
// after the crash; another takes over each time. The run must end as if nothing had happened.
#include <gmock/gmock.h>

#include <cstdlib>

#include "atelier/base/log.h"
#include "sim/control_story.h"
#include "sim/crash_points.h"

namespace atelier::sim {
namespace {

class RunCrash : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_F(RunCrash, EndsWithoutACrash) {
  const Ending ending = play(seeds(1).front());
  expect_same(ending, ending);
  EXPECT_EQ(ending.status.value("phase", ""), "Succeeded") << ending.status.dump(2);
  EXPECT_EQ(ending.starts.size(), 7U) << "a publish pod and six attempts";
  for (const auto& [pod, times] : ending.starts) EXPECT_EQ(times, 1) << pod;
  if (HasFailure() || std::getenv("ATELIER_SIM_TRACE") != nullptr) std::puts(ending.trace.c_str());
}

TEST_F(RunCrash, IsDeterministic) {
  EXPECT_EQ(play_crash(diamond(), 5, Crash::after, 7).trace, play_crash(diamond(), 5, Crash::after, 7).trace);
}

TEST_F(RunCrash, EndsTheSameWhereverTheOperatorCrashes) { crash_at_every_write(diamond(), 20); }

TEST_F(RunCrash, APersonIsHeardAtEachStep) {
  const Ending ending = play(controlled_run(), seeds(1).front());
  expect_same(ending, ending);
  EXPECT_EQ(ending.status.value("phase", ""), "Cancelled");
  EXPECT_THAT(ends_of(ending.status),
              ::testing::ElementsAre("audit Skipped SkippedOnRequest", "load Succeeded ", "note Cancelled Cancelled",
                                     "release Succeeded Approved", "report Succeeded ", "ship Cancelled Cancelled"));
  if (HasFailure() || std::getenv("ATELIER_SIM_TRACE") != nullptr) std::puts(ending.trace.c_str());
}

TEST_F(RunCrash, APersonIsHeardWhereverTheOperatorCrashes) { crash_at_every_write(controlled_run(), 20); }

TEST_F(RunCrash, ARetryTakesOverAndARerunDoesNot) {
  const Ending ending = play(run_again(), seeds(1).front());
  expect_same(ending, ending);
  EXPECT_THAT(ends_of(ending.status),
              ::testing::ElementsAre("fetch Succeeded TakenOver", "files Succeeded TakenOver", "load Succeeded ",
                                     "parts Succeeded TakenOver", "parts[0] Succeeded TakenOver",
                                     "parts[1] Succeeded TakenOver", "parts[2] Succeeded TakenOver"));
  EXPECT_THAT(ends_of(ending.others["rerun-1"]),
              ::testing::ElementsAre("fetch Succeeded ", "files Succeeded ", "load Succeeded ", "parts Succeeded ",
                                     "parts[0] Succeeded ", "parts[1] Succeeded ", "parts[2] Succeeded "));
  if (HasFailure() || std::getenv("ATELIER_SIM_TRACE") != nullptr) std::puts(ending.trace.c_str());
}

TEST_F(RunCrash, RetryAndRerunEndTheSameWhereverTheOperatorCrashes) { crash_at_every_write(run_again(), 30); }

}  // namespace
}  // namespace atelier::sim
