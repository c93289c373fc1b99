// A loop in virtual time: nothing happens but when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "atelier/base/loop.h"

namespace atelier::testing {

// Starts at an arbitrary instant; wall time and steady time advance together.
class FakeLoop final : public Loop {
 public:
  SteadyTime now() const override { return now_; }
  WallTime wall_now() const override { return kEpoch + std::chrono::duration_cast<WallTime::duration>(now_ - kStart); }
  void post(std::function<void()> task) override { posted_.push_back(std::move(task)); }
  std::unique_ptr<Timer> at(SteadyTime when, std::function<void()> task) override {
    const Key key{when, next_++};
    timers_->emplace(key, std::move(task));
    return std::make_unique<FakeTimer>(timers_, key);
  }

  // Runs what is posted and due, and what that posts, without letting time pass.
  void run_ready() {
    while (step()) {
    }
  }
  // Lets time pass, stopping at every timer on the way.
  void advance(Millis duration) {
    const SteadyTime end = now_ + duration;
    run_ready();
    while (!timers_->empty() && timers_->begin()->first.first <= end) {
      now_ = std::max(now_, timers_->begin()->first.first);
      run_ready();
    }
    now_ = end;
    run_ready();
  }
  // When the next timer is due; now, if something is posted; absent when nothing will ever happen.
  std::optional<SteadyTime> next() const {
    if (!posted_.empty()) return now_;
    return timers_->empty() ? std::nullopt : std::optional(timers_->begin()->first.first);
  }

 private:
  using Key = std::pair<SteadyTime, std::uint64_t>;
  using Timers = std::map<Key, std::function<void()>>;

  class FakeTimer final : public Timer {
   public:
    FakeTimer(std::shared_ptr<Timers> timers, Key key) : timers_(std::move(timers)), key_(key) {}
    ~FakeTimer() override { timers_->erase(key_); }

   private:
    std::shared_ptr<Timers> timers_;
    Key key_;
  };

  bool step() {
    if (!posted_.empty()) {
      const auto task = std::move(posted_.front());
      posted_.pop_front();
      task();
      return true;
    }
    if (timers_->empty() || timers_->begin()->first.first > now_) return false;
    const auto task = std::move(timers_->begin()->second);
    timers_->erase(timers_->begin());
    task();
    return true;
  }

  static constexpr SteadyTime kStart{std::chrono::hours{1000}};
  static constexpr WallTime kEpoch{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

  SteadyTime now_ = kStart;
  std::uint64_t next_ = 0;
  std::deque<std::function<void()>> posted_;
  std::shared_ptr<Timers> timers_ = std::make_shared<Timers>();
};

// The same numbers again and again; `fixed` is what unit() returns, in [0, 1).
class FakeRandom final : public Random {
 public:
  explicit FakeRandom(double fixed = 0.0) : value_(static_cast<std::uint64_t>(fixed * 0x1.0p53) << 11) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

}  // namespace atelier::testing
