#include "atelier/kube/watchdog.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <future>

namespace atelier::kube {
namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

TEST(Watchdog, EndsTheProcessWhenTheDeadlinePasses) {
  std::promise<void> ended;
  const SteadyTime deadline = now() + Millis{20};
  const Watchdog watchdog{[deadline] { return deadline; }, [&ended] { ended.set_value(); }};
  EXPECT_EQ(ended.get_future().wait_for(std::chrono::seconds{30}), std::future_status::ready);
  EXPECT_GE(now(), deadline);
}

TEST(Watchdog, LeavesALoopAloneThatKeepsItsLease) {
  std::atomic<int> asked = 0;
  std::atomic<bool> ended = false;
  std::promise<void> enough;
  {
    const Watchdog watchdog{[&] {
                              if (++asked == 3) enough.set_value();
                              return now() + Millis{200};  // renewed in time, again and again
                            },
                            [&ended] { ended = true; }};
    enough.get_future().wait();
  }
  EXPECT_FALSE(ended);
}

TEST(Watchdog, StopsAtOnceWithoutALease) {
  const SteadyTime began = now();
  {
    const Watchdog watchdog{[] { return SteadyTime::max(); }, [] { FAIL(); }};
  }
  EXPECT_LT(now() - began, std::chrono::seconds{10});
}

TEST(WatchdogDeathTest, EndsAtOnceWithItsCodeAndALine) {
  EXPECT_EXIT(end_at_once(3), ::testing::ExitedWithCode(3), "the lease ran out and the loop did not notice");
}

TEST(WatchdogDeathTest, EndsAtOnceWhenNobodyReadsItsStderr) {
  const auto with_a_full_stderr = [] {
    int ends[2];
    if (pipe(ends) != 0) _exit(98);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], "full", 4) > 0) {
    }
    fcntl(ends[1], F_SETFL, 0);
    dup2(ends[1], STDERR_FILENO);
    alarm(20);
    end_at_once(3);
  };
  EXPECT_EXIT(with_a_full_stderr(), ::testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace atelier::kube
