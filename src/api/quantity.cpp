#include "atelier/api/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace atelier::api {
namespace {

constexpr std::array<std::string_view, 10> kDecimal{"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 7> kBinary{"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
constexpr std::size_t kNanoDigits = 9;
constexpr std::int64_t kLargestExponent = 1'000'000;  // far beyond what any quantity needs

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto length = static_cast<std::size_t>(end - text.begin());
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

// As many as there are; beyond kLargestExponent they are all the same.
std::int64_t saturated(std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) value = std::min(value * 10 + (c - '0'), kLargestExponent);
  return value;
}

// By what a number with this suffix is multiplied: 10^decimal * 1024^binary.
struct Scale {
  std::int64_t decimal = 0;
  int binary = 0;
};

std::optional<Scale> scale_of(std::string_view suffix) {
  const auto* const binary = std::find(kBinary.begin(), kBinary.end(), suffix);
  if (binary != kBinary.end()) return Scale{0, static_cast<int>(binary - kBinary.begin())};
  const auto* const decimal = std::find(kDecimal.begin(), kDecimal.end(), suffix);
  if (decimal != kDecimal.end()) return Scale{3 * (decimal - kDecimal.begin()) - 9, 0};
  if (suffix.front() != 'e' && suffix.front() != 'E') return std::nullopt;
  suffix.remove_prefix(1);
  const bool minus = suffix.starts_with('-');
  if (minus || suffix.starts_with('+')) suffix.remove_prefix(1);
  if (suffix.empty() || !std::all_of(suffix.begin(), suffix.end(), is_digit)) return std::nullopt;
  return Scale{minus ? -saturated(suffix) : saturated(suffix), 0};
}

// A number in decimal digits: no float would be exact, and no integer wide enough.
std::string times_1024(const std::string& digits) {
  std::string out(digits.size() + 4, '0');
  int carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i < digits.size()) carry += 1024 * (digits[digits.size() - 1 - i] - '0');
    out[out.size() - 1 - i] = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  return out;
}

void strip_leading_zeros(std::string& digits) { digits.erase(0, digits.find_first_not_of('0')); }

// The number 0.DIGITS * 10^point. Empty: it is more than a quantity holds.
std::optional<Quantity> rounded_up(std::string digits, std::int64_t point) {
  strip_leading_zeros(digits);
  if (digits.empty()) return Quantity{};
  constexpr std::int64_t kWholeDigits = std::numeric_limits<std::int64_t>::digits10 + 1;
  if (point > kWholeDigits) return std::nullopt;
  const std::int64_t kept = point + static_cast<std::int64_t>(kNanoDigits);
  if (kept <= 0) return Quantity{0, 1};
  const bool cut = static_cast<std::int64_t>(digits.size()) > kept;  // no zero is at the end, see parse_quantity
  digits.resize(static_cast<std::size_t>(kept), '0');
  if (digits.size() < kNanoDigits) digits.insert(0, kNanoDigits - digits.size(), '0');
  const std::size_t split = digits.size() - kNanoDigits;
  std::uint64_t whole = 0;
  std::int32_t nanos = 0;
  std::from_chars(digits.data(), digits.data() + split, whole);
  std::from_chars(digits.data() + split, digits.data() + digits.size(), nanos);
  if (cut && ++nanos == 1'000'000'000) {
    nanos = 0;
    ++whole;
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (whole > kMost || (whole == kMost && nanos > 0)) return std::nullopt;
  return Quantity{static_cast<std::int64_t>(whole), nanos};
}

Error wrong(std::string_view text, const std::string& what) { return invalid("\"" + std::string(text) + "\" " + what); }

}  // namespace

Result<Quantity> parse_quantity(std::string_view text) {
  if (text.empty()) return invalid("is empty; give an amount such as 500m, 2 or 512Mi");
  std::string_view rest = text;
  if (rest.front() == '-') return wrong(text, "is negative; give 0 or more");
  if (rest.front() == '+') rest.remove_prefix(1);
  std::string digits{take_digits(rest)};
  auto point = static_cast<std::int64_t>(digits.size());
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    digits += take_digits(rest);
  }
  if (digits.empty()) return wrong(text, "does not start with a number; give an amount such as 500m, 2 or 512Mi");
  const auto scale = scale_of(rest);
  if (!scale) {
    return wrong(text,
                 "has no unit that Kubernetes knows; after the number use nothing, n, u, m, k, M, G, T, P, E, Ki, Mi, "
                 "Gi, Ti, Pi or Ei, or an exponent such as e3");
  }
  for (int i = 0; i < scale->binary; ++i) {
    digits = times_1024(digits);
    point += 4;
  }
  const std::size_t zeros = digits.find_first_not_of('0');
  digits.erase(digits.find_last_not_of('0') + 1);
  point += scale->decimal - static_cast<std::int64_t>(digits.empty() ? 0 : zeros);
  const auto quantity = rounded_up(std::move(digits), point);
  if (!quantity) return wrong(text, "is too large; give at most 9223372036854775807, which is just under 8Ei");
  return *quantity;
}

std::string format_quantity(Quantity quantity) {
  std::string nanos = std::to_string(quantity.nanos);
  std::string decimal = std::to_string(quantity.whole) + std::string(kNanoDigits - nanos.size(), '0') + nanos;
  strip_leading_zeros(decimal);
  if (decimal.empty()) return "0";
  std::size_t unit = 0;
  while (decimal.ends_with("000") && unit + 1 < kDecimal.size()) {
    decimal.resize(decimal.size() - 3);
    ++unit;
  }
  decimal += kDecimal[unit];
  if (quantity.nanos != 0) return decimal;
  std::size_t power = 0;
  for (; quantity.whole % 1024 == 0 && power + 1 < kBinary.size(); ++power) quantity.whole /= 1024;
  const std::string binary = std::to_string(quantity.whole) + std::string(kBinary[power]);
  return binary.size() <= decimal.size() ? binary : decimal;
}

}  // namespace atelier::api
