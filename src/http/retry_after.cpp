#include "atelier/http/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace atelier::http {
namespace {

// RFC 9110's preferred form, which is the only one that is still written: Sun, 06 Nov 1994 08:49:37 GMT.
std::optional<WallTime> http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const std::string number = std::to_string(month - kMonths.begin() + 101).substr(1);  // two digits
  std::string instant{text.substr(12, 4)};
  instant.append("-").append(number).append("-").append(text.substr(5, 2));
  instant.append("T").append(text.substr(17, 8)).append("Z");
  const auto time = parse_time(instant);
  return time ? std::optional(time.value()) : std::nullopt;
}

}  // namespace

Millis retry_after(const Headers& headers, Millis longest) {
  const std::string* value = find_header(headers, "retry-after");
  if (value == nullptr) return Millis{0};
  std::uint64_t seconds = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, seconds);
  const auto most = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(longest).count());
  if (parsed.ec == std::errc::result_out_of_range) return longest;
  if (parsed.ec == std::errc{} && parsed.ptr == end) return std::chrono::seconds{std::min(seconds, most)};
  const std::string* date = find_header(headers, "date");
  const auto now = date == nullptr ? std::nullopt : http_date(*date);
  const auto then = http_date(*value);
  if (!now || !then) return Millis{0};
  return std::clamp(std::chrono::ceil<Millis>(*then - *now), Millis{0}, longest);
}

}  // namespace atelier::http
