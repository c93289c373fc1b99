// Numbers as CEL has them: ints that do not overflow, and doubles that compare with ints.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "atelier/cel/value.h"

namespace atelier::cel {

inline bool is_number(const Value& value) {
  return value.as<std::int64_t>() != nullptr || value.as<double>() != nullptr;
}

// REQUIRES two numbers. An int beside a double is compared as a double; a NaN is unordered.
std::partial_ordering order_of_numbers(const Value& left, const Value& right);

// Without its fraction; nothing at and beyond -2^63 and 2^63, and for NaN.
std::optional<std::int64_t> truncated(double value);

// The int that the number is; nothing if it has a fraction, or is no number.
std::optional<std::int64_t> whole(const Value& value);

// Decimal digits after an optional sign; nothing else is an int, and nothing beyond 64 bits.
std::optional<std::int64_t> integer_of(std::string_view text, int base = 10);

// As Go's strconv.ParseFloat reads it: also "inf", "nan", "0x1p-2" and "1_000". Nothing if it is no number or too
// large.
std::optional<double> floating_of(const std::string& text);

// The shortest text that is the double again, as Go's %g writes it: "1e+06", "0.1", "+Inf".
std::string text_of(double value);

}  // namespace atelier::cel
