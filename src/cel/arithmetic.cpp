#include "cel/arithmetic.h"

#include <array>
#include <limits>
#include <optional>

#include "cel/number.h"
#include "cel/token.h"

namespace atelier::cel {
namespace {

// Nothing if it overflows. REQUIRES that nothing is divided by zero.
std::optional<std::int64_t> computed(char sign, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  switch (sign) {
    case '+':
      if (__builtin_add_overflow(left, right, &result)) return std::nullopt;
      return result;
    case '-':
      if (__builtin_sub_overflow(left, right, &result)) return std::nullopt;
      return result;
    case '*':
      if (__builtin_mul_overflow(left, right, &result)) return std::nullopt;
      return result;
    default:
      if (left == std::numeric_limits<std::int64_t>::min() && right == -1) return std::nullopt;
      return sign == '/' ? left / right : left % right;
  }
}

double computed(char sign, double left, double right) {
  switch (sign) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    default:
      return left / right;
  }
}

Error not_convertible(const Value& value, const char* type) {
  const auto* text = value.as<std::string>();
  if (text != nullptr) return invalid(in_quotes(*text) + " is no " + type);
  const auto* number = value.as<double>();
  const std::string what = number == nullptr ? value.type_name() : text_of(*number);
  return invalid("there is no " + std::string(type) + " for " + what);
}

}  // namespace

Result<Value> arithmetic(char sign, const Value& left, const Value& right) {
  const auto* a = left.as<std::int64_t>();
  const auto* b = right.as<std::int64_t>();
  if (a != nullptr && b != nullptr) {
    const std::string operation = std::to_string(*a) + " " + sign + " " + std::to_string(*b);
    if (*b == 0 && (sign == '/' || sign == '%')) return invalid(operation + " divides by zero");
    const auto result = computed(sign, *a, *b);
    if (result) return Value(*result);
    return invalid(operation + " is beyond the 64 bits of an int");
  }
  const auto* c = left.as<double>();
  const auto* d = right.as<double>();
  if (c != nullptr && d != nullptr && sign != '%') return Value(computed(sign, *c, *d));
  return invalid(in_quotes(std::string(1, sign)) + " does not work with " + left.type_name() + ", " +
                 right.type_name());
}

Result<Value> to_boolean(const Value& value) {
  if (value.as<bool>() != nullptr) return value;
  const auto* text = value.as<std::string>();
  if (text != nullptr) {
    for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"}) {
      if (*text == yes) return Value(true);
    }
    for (const char* no : {"0", "f", "F", "false", "FALSE", "False"}) {
      if (*text == no) return Value(false);
    }
  }
  return not_convertible(value, "bool");
}

Result<Value> to_floating(const Value& value) {
  if (value.as<double>() != nullptr) return value;
  if (const auto* number = value.as<std::int64_t>()) return Value(static_cast<double>(*number));
  const auto* text = value.as<std::string>();
  const auto number = text == nullptr ? std::nullopt : floating_of(*text);
  if (number) return Value(*number);
  return not_convertible(value, "double");
}

Result<Value> to_integer(const Value& value) {
  if (value.as<std::int64_t>() != nullptr) return value;
  const auto* text = value.as<std::string>();
  const auto* floating = value.as<double>();
  std::optional<std::int64_t> number;
  if (text != nullptr) number = integer_of(*text);
  if (floating != nullptr) number = truncated(*floating);
  if (number) return Value(*number);
  return not_convertible(value, "int");
}

Result<Value> to_text(const Value& value) {
  if (value.as<std::string>() != nullptr) return value;
  if (const auto* flag = value.as<bool>()) return Value(*flag ? "true" : "false");
  if (const auto* number = value.as<std::int64_t>()) return Value(std::to_string(*number));
  if (const auto* number = value.as<double>()) return Value(text_of(*number));
  return not_convertible(value, "string");
}

std::string key_text(const Value& key) {
  if (key.as<std::string>() != nullptr) return in_quotes(*key.as<std::string>());
  const auto text = to_text(key);
  return text ? *text.value().as<std::string>() : std::string(key.type_name());
}

}  // namespace atelier::cel
