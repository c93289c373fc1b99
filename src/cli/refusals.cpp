#include "cli/refusals.h"

namespace atelier::cli {
namespace {

constexpr int kMost = 3;
// Beyond the longest wait before the next try. That a list succeeds between does not count: where only the watch is
// refused, each of them does.
constexpr std::chrono::minutes kRow{2};

}  // namespace

bool Refusals::is_final(const Error& error, SteadyTime now) {
  const bool refused = error.code == Errc::forbidden || error.code == Errc::unauthorized || error.http_status == 404;
  if (!refused) return false;
  if (in_a_row_ > 0 && now - last_ > kRow) in_a_row_ = 0;
  last_ = now;
  return ++in_a_row_ >= kMost || !listed_;
}

}  // namespace atelier::cli
