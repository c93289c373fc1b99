// What expressions compute with.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::cel {

// Immutable and cheap to copy: text, lists and maps are shared. Text is UTF-8. An object is a map of its fields.
class Value {
 public:
  using List = std::vector<Value>;
  using Key = std::variant<bool, std::int64_t, std::string>;
  using Map = std::map<Key, Value>;  // the order of the keys is the order in which macros see them

  Value() = default;  // null
  template <std::same_as<bool> Boolean>
  explicit Value(Boolean value) : held_(value) {}
  template <std::signed_integral Integer>
  explicit Value(Integer value) : held_(static_cast<std::int64_t>(value)) {}
  explicit Value(double value) : held_(value) {}
  explicit Value(std::string text);
  explicit Value(const char* text) : Value(std::string(text)) {}
  explicit Value(List items);
  explicit Value(Map entries);
  explicit Value(const Key& key);

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }

  // The value as a T, which is bool, std::int64_t, double, std::string, List or Map; or nothing.
  template <class T>
  const T* as() const {
    if constexpr (std::same_as<T, bool> || std::same_as<T, std::int64_t> || std::same_as<T, double>) {
      return std::get_if<T>(&held_);
    } else {
      const auto* shared = std::get_if<std::shared_ptr<const Weighed<T>>>(&held_);
      return shared == nullptr ? nullptr : &(*shared)->value;
    }
  }

  // How large it is: the bytes of its texts, and one for each element and entry, in it and in what it holds.
  std::size_t weight() const;

  // "int", "list": what the types of the checker call it.
  const char* type_name() const;

  // As CEL defines it: 1 equals 1.0, NaN equals nothing, and values of other kinds differ. Never an error.
  bool operator==(const Value& other) const;

 private:
  template <class T>
  struct Weighed {
    T value;
    std::size_t weight;
  };

  std::variant<std::monostate, bool, std::int64_t, double, std::shared_ptr<const Weighed<std::string>>,
               std::shared_ptr<const Weighed<List>>, std::shared_ptr<const Weighed<Map>>>
      held_;
};

// An integer of JSON is an int, any other number a double. Error: invalid, for an integer beyond 64 bits and for what
// is nested deeper than 64 times.
Result<Value> value_of(const nlohmann::json& json);

// Keys become text; what JSON has no number for (NaN, the infinities) becomes null.
nlohmann::json json_of(const Value& value);

}  // namespace atelier::cel
