#include "cel/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace atelier::cel {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

// Without the underscores between digits; nothing if one is elsewhere. Behind "0x" counts as behind a digit.
std::optional<std::string> without_underscores(const std::string& text, bool hex) {
  std::string out;
  bool after_digit = false;
  bool after_underscore = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '_') {
      if (!after_digit) return std::nullopt;
      after_digit = false;
      after_underscore = true;
      continue;
    }
    const bool prefix = hex && at == 1;
    after_digit = prefix || (hex ? is_hex(c) : is_digit(c));
    if (after_underscore && !after_digit) return std::nullopt;
    after_underscore = false;
    out += c;
  }
  if (after_underscore) return std::nullopt;
  return out;
}

// Digits with at most one point, and an exponent, which a hexadecimal number has to have.
bool is_number_text(std::string_view text, bool hex) {
  if (hex) text.remove_prefix(2);
  std::size_t digits = 0;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size() && ((hex ? is_hex(text[at]) : is_digit(text[at])) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
    } else {
      ++digits;
    }
  }
  if (digits == 0) return false;
  if (at == text.size()) return !hex;
  if (text[at++] != (hex ? 'p' : 'e')) return false;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  return at < text.size() && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_digit);
}

}  // namespace

std::partial_ordering order_of_numbers(const Value& left, const Value& right) {
  const auto* a = left.as<std::int64_t>();
  const auto* b = right.as<std::int64_t>();
  if (a != nullptr && b != nullptr) return *a <=> *b;
  if (a == nullptr && b == nullptr) return *left.as<double>() <=> *right.as<double>();
  return a != nullptr ? static_cast<double>(*a) <=> *right.as<double>()
                      : *left.as<double>() <=> static_cast<double>(*b);
}

std::optional<std::int64_t> truncated(double value) {
  if (!(value > -kTwoTo63 && value < kTwoTo63)) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> whole(const Value& value) {
  if (const auto* number = value.as<std::int64_t>()) return *number;
  const auto* number = value.as<double>();
  if (number == nullptr || std::trunc(*number) != *number) return std::nullopt;
  return truncated(*number);
}

std::optional<std::int64_t> integer_of(std::string_view text, int base) {
  if (text.starts_with('+') && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> floating_of(const std::string& text) {
  std::string number = lowered(text);
  if (number == "nan") return std::nan("");
  const bool negative = number.starts_with('-');
  if (negative || number.starts_with('+')) number.erase(0, 1);
  if (number == "inf" || number == "infinity") return negative ? -HUGE_VAL : HUGE_VAL;
  const bool hex = number.starts_with("0x");
  const auto plain = without_underscores(number, hex);
  if (!plain || !is_number_text(*plain, hex)) return std::nullopt;
  const double value = std::strtod(plain->c_str(), nullptr);
  if (std::isinf(value)) return std::nullopt;
  return negative ? -value : value;
}

std::string text_of(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  std::array<char, 32> buffer;
  const auto shortest =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view scientific(buffer.data(), static_cast<std::size_t>(shortest.ptr - buffer.data()));
  const auto exponent = integer_of(scientific.substr(scientific.find('e') + 1));
  if (*exponent < -4 || *exponent >= 6) return std::string(scientific);
  const auto plain = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), plain.ptr};
}

}  // namespace atelier::cel
