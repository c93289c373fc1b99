// Writes a struct as JSON by its field table.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "api/field.h"
#include "atelier/api/quantity.h"
#include "atelier/base/ids.h"
#include "atelier/base/time.h"
#include "atelier/meta/condition.h"

namespace atelier::api {

inline nlohmann::json write(const std::string& value) { return value; }
inline nlohmann::json write(const Uid& value) { return value.value; }
inline nlohmann::json write(bool value) { return value; }
inline nlohmann::json write(std::int64_t value) { return value; }
inline nlohmann::json write(Quantity value) { return format_quantity(value); }
inline nlohmann::json write(Millis value) { return format_duration(value); }
inline nlohmann::json write(WallTime value) { return format_time(value); }
inline nlohmann::json write(meta::ConditionStatus value) { return std::string(meta::to_string(value)); }
inline nlohmann::json write(const std::map<std::string, std::string>& value) { return value; }
// A whole number is written as the API server stores it, without a fraction.
inline nlohmann::json write(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? nlohmann::json(whole) : nlohmann::json(value);
}

template <HasTable T>
nlohmann::json write(const T& value);

template <class T>
nlohmann::json write(const std::vector<T>& values) {
  nlohmann::json list = nlohmann::json::array();
  for (const T& value : values) list.push_back(write(value));
  return list;
}

template <class T>
nlohmann::json write(const std::optional<T>& value) {
  return write(*value);
}

template <HasTable T>
nlohmann::json write(const T& value) {
  static const T kDefault{};
  nlohmann::json object = nlohmann::json::object();
  if constexpr (Kind<T>) {
    object["apiVersion"] = "atelier.dev/v1alpha1";
    object["kind"] = T::kKind;
  }
  const auto put = [&](const auto& field) {
    const auto& member = value.*field.member;
    if (member == kDefault.*field.member && !field.rules.always && !field.rules.required) return;
    object[field.name] = write(member);
  };
  std::apply([&](const auto&... field) { (put(field), ...); }, fields_of<T>());
  return object;
}

}  // namespace atelier::api
