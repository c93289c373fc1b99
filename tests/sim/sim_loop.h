// Virtual time and seeded chance for one simulated world.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "atelier/base/loop.h"
#include "support/fake_loop.h"

namespace atelier::sim {

// A FakeLoop that refuses to run for ever without letting time pass.
class SimLoop final : public Loop {
 public:
  SteadyTime now() const override { return inner_.now(); }
  WallTime wall_now() const override { return inner_.wall_now(); }
  void post(std::function<void()> task) override { inner_.post(counted(std::move(task))); }
  std::unique_ptr<Timer> at(SteadyTime when, std::function<void()> task) override {
    return inner_.at(when, counted(std::move(task)));
  }

  // Goes to the next instant at which something happens, and lets all of it happen. False: nothing ever will.
  bool step() {
    const auto next = inner_.next();
    if (!next) return false;
    // Timers that are overdue are due now.
    inner_.advance(std::max(Millis{0}, std::chrono::ceil<Millis>(*next - inner_.now())));
    return true;
  }
  void advance(Millis duration) { inner_.advance(duration); }
  Millis elapsed() const { return std::chrono::duration_cast<Millis>(inner_.now() - start_); }

 private:
  static constexpr int kMostAtOnce = 100'000;

  std::function<void()> counted(std::function<void()> task) {
    return [this, task = std::move(task)] {
      if (instant_ != inner_.now()) tasks_ = 0;
      instant_ = inner_.now();
      if (++tasks_ > kMostAtOnce) throw std::runtime_error("a loop that lets no time pass");
      task();
    };
  }

  testing::FakeLoop inner_;
  SteadyTime start_ = inner_.now();
  SteadyTime instant_ = start_;
  int tasks_ = 0;
};

// splitmix64.
class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() override {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  // Of [least, most].
  Millis between(Millis least, Millis most) {
    const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
    return least + Millis{static_cast<Millis::rep>(next() % span)};
  }
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace atelier::sim
