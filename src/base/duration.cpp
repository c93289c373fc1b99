#include <array>
#include <utility>

#include "atelier/base/time.h"

namespace atelier {
namespace {

constexpr std::int64_t kLongest = std::int64_t{100} * 365 * 24 * 3'600'000;  // a century, far below overflow

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
// "ms" stands before "m", so that the first match is the longest.
constexpr std::array<Unit, 4> kUnits{{{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes "1.5" off the front of `text` in thousandths; negative when there is no number or it is out of range.
std::int64_t take_thousandths(std::string_view& text) {
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (!text.empty() && is_digit(text.front())) {
    value = value * 10 + (text.front() - '0');
    if (value > kLongest) return -1;
    text.remove_prefix(1);
    ++digits;
  }
  value *= 1'000;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    for (std::int64_t unit = 100; !text.empty() && is_digit(text.front()); unit /= 10) {
      value += (text.front() - '0') * unit;
      text.remove_prefix(1);
      ++digits;
    }
  }
  return digits == 0 ? -1 : value;
}

}  // namespace

Result<Millis> parse_duration(std::string_view text) {
  const auto refused = [whole = std::string(text)] {
    return invalid("\"" + whole + "\" is not a duration; write it as 90s, 30m or 1h30m");
  };
  if (text == "0") return Millis{0};
  if (text.empty()) return refused();
  std::int64_t total = 0;
  while (!text.empty()) {
    const std::int64_t thousandths = take_thousandths(text);
    if (thousandths < 0) return refused();
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (text.starts_with(candidate.name)) {
        unit = &candidate;
        break;
      }
    }
    if (unit == nullptr || thousandths / 1'000 > kLongest / unit->millis) return refused();
    total += thousandths / 1'000 * unit->millis + thousandths % 1'000 * unit->millis / 1'000;
    if (total > kLongest) return refused();
    text.remove_prefix(unit->name.size());
  }
  return Millis{total};
}

std::string format_duration(Millis duration) {
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : {kUnits[1], kUnits[2], kUnits[3], kUnits[0]}) {
    if (rest < unit.millis) continue;
    text += std::to_string(rest / unit.millis);
    text += unit.name;
    rest %= unit.millis;
  }
  return text;
}

}  // namespace atelier
