#include "cli/age.h"

namespace atelier::cli {
namespace {

std::string pair(std::int64_t large, const char* large_unit, std::int64_t small, const char* small_unit) {
  return std::to_string(large) + large_unit + (small == 0 ? "" : std::to_string(small) + small_unit);
}

}  // namespace

// The same steps as k8s.io/apimachinery/pkg/util/duration.HumanDuration.
std::string human_duration(WallTime::duration span) {
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return std::to_string(seconds) + "s";
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return std::to_string(minutes) + "m";
  const std::int64_t hours = minutes / 60;
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return std::to_string(hours) + "h";
  const std::int64_t days = hours / 24;
  if (days < 8) return pair(days, "d", hours % 24, "h");
  if (days < 2 * 365) return std::to_string(days) + "d";
  if (days < 8 * 365) return pair(days / 365, "y", days % 365, "d");
  return std::to_string(days / 365) + "y";
}

std::string age(const std::optional<WallTime>& since, WallTime now) {
  return since ? human_duration(now - *since) : "<unknown>";
}

}  // namespace atelier::cli
