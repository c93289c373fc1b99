#include "atelier/kube/backoff.h"

#include <algorithm>

namespace atelier::kube {

Millis Backoff::next(SteadyTime now) {
  if (last_ && now - *last_ >= kQuiet) step_ = kFirst;
  const Millis base = step_;
  step_ = std::min(step_ * 2, kLongest);
  const auto delay = Millis{static_cast<Millis::rep>(static_cast<double>(base.count()) * (1.0 + random_.unit()))};
  last_ = now + delay;
  return delay;
}

}  // namespace atelier::kube
