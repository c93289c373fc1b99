#include "atelier/cel/value.h"

#include <utility>

#include "cel/number.h"

namespace atelier::cel {
namespace {

std::size_t sum_of(const Value::List& items) {
  std::size_t sum = 1;
  for (const Value& item : items) sum += item.weight();
  return sum;
}

std::size_t weight_of(const Value::Key& key) {
  const auto* text = std::get_if<std::string>(&key);
  return 1 + (text == nullptr ? 0 : text->size());
}

std::size_t sum_of(const Value::Map& entries) {
  std::size_t sum = 1;
  for (const auto& [key, value] : entries) sum += weight_of(key) + value.weight();
  return sum;
}

}  // namespace

Value::Value(std::string text) {
  const std::size_t weight = 1 + text.size();
  held_ = std::make_shared<const Weighed<std::string>>(Weighed<std::string>{std::move(text), weight});
}

Value::Value(List items) {
  const std::size_t weight = sum_of(items);
  held_ = std::make_shared<const Weighed<List>>(Weighed<List>{std::move(items), weight});
}

Value::Value(Map entries) {
  const std::size_t weight = sum_of(entries);
  held_ = std::make_shared<const Weighed<Map>>(Weighed<Map>{std::move(entries), weight});
}

Value::Value(const Key& key) {
  if (const auto* flag = std::get_if<bool>(&key)) {
    held_ = *flag;
  } else if (const auto* number = std::get_if<std::int64_t>(&key)) {
    held_ = *number;
  } else {
    *this = Value(std::get<std::string>(key));
  }
}

std::size_t Value::weight() const {
  return std::visit(
      [](const auto& held) -> std::size_t {
        if constexpr (requires { held->weight; }) {
          return held->weight;
        } else {
          return 1;
        }
      },
      held_);
}

const char* Value::type_name() const {
  constexpr const char* kNames[] = {"null", "bool", "int", "double", "string", "list", "map"};
  return kNames[held_.index()];
}

bool Value::operator==(const Value& other) const {
  if (is_number(*this) && is_number(other)) return order_of_numbers(*this, other) == std::partial_ordering::equivalent;
  if (held_.index() != other.held_.index()) return false;
  if (const auto* flag = as<bool>()) return *flag == *other.as<bool>();
  if (const auto* text = as<std::string>()) return *text == *other.as<std::string>();
  if (const auto* items = as<List>()) return *items == *other.as<List>();
  if (const auto* entries = as<Map>()) return *entries == *other.as<Map>();
  return true;
}

}  // namespace atelier::cel
