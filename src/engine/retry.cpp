#include "engine/retry.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "atelier/base/digest.h"

namespace atelier::engine {

namespace {

constexpr Millis kLongest = std::chrono::hours{24 * 365 * 100};  // added to an instant it stays one

// From 0 to 1, and always the same for the same text.
double fraction(std::string_view text) {
  const std::string digest = sha256_hex(text);
  std::uint32_t number = 0;
  std::from_chars(digest.data(), digest.data() + 8, number, 16);
  return static_cast<double>(number) / 4'294'967'295.0;
}

}  // namespace

bool another_follows(const api::Retry& retry, const Entry& entry, bool by_cluster) {
  if (by_cluster) return entry.restarts <= retry.infrastructure_limit.value_or(retry.limit);
  return entry.attempt - entry.restarts <= retry.limit;
}

Millis delay_after(const api::Backoff& backoff, std::int64_t attempt, std::string_view salt) {
  const double longest = static_cast<double>(kLongest.count());
  const double most = static_cast<double>(std::clamp(backoff.max, Millis{0}, kLongest).count());
  const double grown =
      static_cast<double>(backoff.initial.count()) * std::pow(backoff.factor, static_cast<double>(attempt - 1));
  const double delay = std::min(grown, most) * (1.0 + backoff.jitter * fraction(salt));
  if (!(delay >= 0)) return Millis{0};
  return Millis{static_cast<std::int64_t>(std::min(delay, longest))};
}

Millis delay_after_refusal(std::int64_t times) {
  return Millis{std::min<std::int64_t>(60'000, 5'000LL << std::clamp<std::int64_t>(times - 1, 0, 10))};
}

}  // namespace atelier::engine
