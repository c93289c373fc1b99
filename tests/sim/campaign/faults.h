// What goes wrong in a world until it is calm: each world has weather of its own.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "sim/world_driver.h"

namespace atelier::sim {

class Faults {
 public:
  // What people do now and then.
  using Bother = std::function<void(SimRandom&)>;

  // `world` is borrowed, and outlives it.
  Faults(SimWorld& world, std::uint64_t seed, Bother bother);

  void begin();
  void end();
  std::size_t count() const { return count_; }

 private:
  // Drawn once: which kinds of faults there are, and how many.
  struct Weather {
    explicit Weather(SimRandom& chance);

    bool tardy;  // writes arrive late
    bool crashes;
    bool restarts;     // as it is told to
    double lost;       // of the writes: the request or the answer
    double late;       // of the writes
    double erroneous;  // of all requests
    bool storms;       // for seconds most requests are refused
    bool quota;        // for seconds no pod may be made
    bool stale;
    bool breaks;  // of all watches, with a compaction now and then
    bool rivals;  // another operator stands by, and the leader is cut off
    bool evictions;
    bool deletions;  // of pods, also of those that have succeeded
  };

  Fate fate(Phase phase);
  std::optional<http::Response> error(const http::Request& request, Phase phase);
  void happen();
  void lose_pods();
  void next();

  SimWorld& world_;
  SimRandom chance_;
  Bother bother_;
  Weather weather_;
  std::unique_ptr<Timer> timer_;
  bool crash_next_ = false;  // at the next write
  SteadyTime storm_until_{};
  SteadyTime quota_until_{};
  std::size_t count_ = 0;
};

}  // namespace atelier::sim
