#include "atelier/base/time.h"

#include <array>
#include <cstdio>

namespace atelier {
namespace {

namespace chrono = std::chrono;

struct Fields {
  int year, month, day, hour, minute, second;
  std::int64_t micros;
};

Fields split(WallTime time) {
  const auto days = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date{days};
  const chrono::hh_mm_ss clock{time - days};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          clock.subseconds().count()};
}

// Reads fixed-width numbers and separators; `ok` turns false at the first surprise and stays so.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  int number(std::size_t width) {
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const char c = take();
      if (c < '0' || c > '9') ok_ = false;
      value = value * 10 + (c - '0');
    }
    return ok_ ? value : 0;
  }
  void expect(char wanted) {
    if (take() != wanted) ok_ = false;
  }
  char take() {
    if (at_ >= text_.size()) {
      ok_ = false;
      return '\0';
    }
    return text_[at_++];
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && at_ == text_.size(); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

std::int64_t scan_fraction(Scanner& scanner) {
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  bool any = false;
  while (scanner.peek() >= '0' && scanner.peek() <= '9') {
    micros += (scanner.take() - '0') * unit;
    unit /= 10;  // digits beyond a microsecond count nothing
    any = true;
  }
  if (!any) scanner.expect('0');
  return micros;
}

}  // namespace

std::string format_time(WallTime time) {
  const Fields f = split(time);
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", f.year, f.month, f.day, f.hour, f.minute,
                f.second);
  return text.data();
}

std::string format_micro_time(WallTime time) {
  const Fields f = split(time);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06lldZ", f.year, f.month, f.day, f.hour,
                f.minute, f.second, static_cast<long long>(f.micros));
  return text.data();
}

Result<WallTime> parse_time(std::string_view text) {
  const auto refused = [&] {
    return invalid("\"" + std::string(text) + "\" is not a time; write it as 2026-01-31T12:00:00Z");
  };
  Scanner scanner{text};
  const int year = scanner.number(4);
  scanner.expect('-');
  const int month = scanner.number(2);
  scanner.expect('-');
  const int day = scanner.number(2);
  scanner.expect('T');
  const int hour = scanner.number(2);
  scanner.expect(':');
  const int minute = scanner.number(2);
  scanner.expect(':');
  const int second = scanner.number(2);
  std::int64_t micros = 0;
  if (scanner.peek() == '.') {
    scanner.take();
    micros = scan_fraction(scanner);
  }
  chrono::minutes offset{0};
  const char zone = scanner.take();
  if (zone == '+' || zone == '-') {
    const int offset_hours = scanner.number(2);
    scanner.expect(':');
    const int offset_minutes = scanner.number(2);
    if (offset_hours > 23 || offset_minutes > 59) return refused();
    offset = chrono::hours{offset_hours} + chrono::minutes{offset_minutes};
    if (zone == '-') offset = -offset;
  } else if (zone != 'Z') {
    return refused();
  }
  const chrono::year_month_day date{chrono::year{year}, chrono::month{static_cast<unsigned>(month)},
                                    chrono::day{static_cast<unsigned>(day)}};
  if (!scanner.done() || !date.ok() || hour > 23 || minute > 59 || second > 59) return refused();
  const WallTime time = WallTime{chrono::sys_days{date}} + chrono::hours{hour} + chrono::minutes{minute} +
                        chrono::seconds{second} + chrono::microseconds{micros} - offset;
  // In UTC it may be of a year that cannot be written.
  if (time < chrono::sys_days{chrono::year{0} / 1 / 1} || time >= chrono::sys_days{chrono::year{10'000} / 1 / 1}) {
    return refused();
  }
  return time;
}

}  // namespace atelier
