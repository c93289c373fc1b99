#include "engine/retry.h"

#include <algorithm>
#include <cmath>

namespace atelier::engine {

namespace {

constexpr Millis kLongest = std::chrono::hours{24 * 365 * 100};  // added to an instant it stays one

}  // namespace

Millis delay_after(const api::Backoff& backoff, std::int64_t attempt) {
  const double most = static_cast<double>(std::clamp(backoff.max, Millis{0}, kLongest).count());
  const double delay =
      static_cast<double>(backoff.initial.count()) * std::pow(backoff.factor, static_cast<double>(attempt - 1));
  if (!(delay >= 0)) return Millis{0};
  return Millis{static_cast<std::int64_t>(std::min(delay, most))};
}

Millis delay_after_refusal(std::int64_t times) {
  return Millis{std::min<std::int64_t>(60'000, 5'000LL << std::clamp<std::int64_t>(times - 1, 0, 10))};
}

}  // namespace atelier::engine
