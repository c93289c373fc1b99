// The ports for time and execution. Everything above the HTTP port runs on one loop, so the simulator can
// run the same code in virtual time.
#pragma once

#include <functional>
#include <memory>

#include "atelier/base/time.h"

namespace atelier {

// Destroying a timer cancels it: its callback does not run afterwards.
class Timer {
 public:
  virtual ~Timer() = default;
};

// One thread of execution. All calls, and all callbacks, happen on that thread.
class Loop {
 public:
  virtual ~Loop() = default;

  virtual SteadyTime now() const = 0;
  virtual WallTime wall_now() const = 0;
  // Runs `task` soon, never inside this call; tasks run in the order posted.
  virtual void post(std::function<void()> task) = 0;
  // Runs `task` once at `when` or later, never inside this call.
  [[nodiscard]] virtual std::unique_ptr<Timer> at(SteadyTime when, std::function<void()> task) = 0;

  [[nodiscard]] std::unique_ptr<Timer> after(Millis delay, std::function<void()> task) {
    return at(now() + delay, std::move(task));
  }
};

// Uniform numbers for jitter and identities; seeded in the simulator.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
};

}  // namespace atelier
