#include "registry/rhythm.h"

#include <algorithm>

namespace atelier::registry {
namespace {

constexpr Millis kShortest{1'000};
constexpr Millis kLongest{std::chrono::hours{1}};
constexpr Millis kLatest{5'000};
constexpr unsigned kMostTimes = 10;

Millis scaled(Millis wait, double factor) {
  return Millis{static_cast<Millis::rep>(static_cast<double>(wait.count()) * factor)};
}

}  // namespace

Millis next_wait(Millis interval, unsigned failures, double unit) {
  const Millis usual = std::max(interval, kShortest);
  const unsigned times = failures == 0 ? 1U : std::min(1U << std::min(failures - 1, 8U), kMostTimes);
  const Millis wait = std::min(usual * times, std::max(usual, kLongest));
  const Millis sooner = wait / 10;
  const Millis later = std::min(sooner, kLatest);
  return wait - sooner + scaled(sooner + later, unit);
}

Millis first_wait(Millis interval, double unit) { return scaled(std::max(interval, kShortest), 0.5 + unit / 2); }

}  // namespace atelier::registry
