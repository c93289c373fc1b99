// The operator crashes at every write of a run, before it is applied, after it, and with the write arriving long
// after the crash; another takes over each time. The run must end as if nothing had happened.
#include <gmock/gmock.h>

#include <cstdlib>

#include "atelier/base/log.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

enum class Crash { before, after, late };

const char* to_text(Crash crash) {
  switch (crash) {
    case Crash::before:
      return "before";
    case Crash::after:
      return "after";
    case Crash::late:
      break;
  }
  return "with a late arrival of";
}

Ending play_crash(std::uint64_t seed, Crash crash, std::size_t at_write) {
  return play(seed, [=](SimWorld& world) {
    world.network.set_hook([&world, crash, at_write](const http::Request&, std::size_t index, Phase phase) {
      const Phase when = crash == Crash::after ? Phase::after : Phase::before;
      if (index != at_write || phase != when) return Fate::deliver;
      world.crash_soon();
      return crash == Crash::late ? Fate::late : Fate::lose;
    });
  });
}

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
  EXPECT_EQ(play_crash(5, Crash::after, 7).trace, play_crash(5, Crash::after, 7).trace);
}

TEST_F(RunCrash, EndsTheSameWhereverTheOperatorCrashes) {
  const std::uint64_t seed = seeds(1).front();
  Ending reference = play(seed);
  ASSERT_TRUE(reference.ended) << reference.trace;
  ASSERT_GT(reference.writes, 20U);
  Ending of_late = reference;
  forget_publishes(of_late);
  for (std::size_t write = 1; write <= reference.writes; write += between_crashes()) {
    for (const Crash crash : {Crash::before, Crash::after, Crash::late}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ": a crash " + to_text(crash) + " write " + std::to_string(write));
      Ending ending = play_crash(seed, crash, write);
      if (crash == Crash::late) forget_publishes(ending);
      expect_same(crash == Crash::late ? of_late : reference, ending);
      if (HasFailure()) {
        std::puts(ending.trace.c_str());
        return;
      }
    }
  }
}

}  // namespace
}  // namespace atelier::sim
