// Keeps a failure that goes on and on from filling the log.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "atelier/base/time.h"

namespace atelier::log {

class Repeat {
 public:
  // Whether to log now: `what` is not what was logged last, or that was a minute ago.
  bool due(std::string what, SteadyTime now) {
    if (at_ && what == what_ && now - *at_ < kInterval) return false;
    what_ = std::move(what);
    at_ = now;
    return true;
  }

 private:
  static constexpr Millis kInterval{60'000};

  std::string what_;
  std::optional<SteadyTime> at_;
};

}  // namespace atelier::log
