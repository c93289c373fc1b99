// Growing, jittered delays of a client that retries one thing.
#pragma once

#include <optional>

#include "atelier/base/loop.h"

namespace atelier::kube {

// 800 ms, doubled up to 30 s, each stretched by a uniform factor in [1, 2). Two minutes without a failure reset it.
class Backoff {
 public:
  explicit Backoff(Random& random) : random_(random) {}  // borrowed

  Millis next(SteadyTime now);
  void reset() { step_ = kFirst; }

 private:
  static constexpr Millis kFirst{800};
  static constexpr Millis kLongest{30'000};
  static constexpr Millis kQuiet{120'000};

  Random& random_;
  Millis step_ = kFirst;
  std::optional<SteadyTime> last_;
};

}  // namespace atelier::kube
