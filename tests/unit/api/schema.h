// What the field tables say, in the form of a CRD's schema, so that both can be compared.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "api/approval_table.h"
#include "api/run_table.h"
#include "api/workspace_table.h"
#include "api/writer.h"

namespace atelier::api::testing {

using nlohmann::json;

template <class T>
struct Shape;

inline json typed(const char* type) { return {{"type", type}}; }

template <>
struct Shape<std::string> {
  static json schema() { return typed("string"); }
};
template <>
struct Shape<Uid> {
  static json schema() { return typed("string"); }
};
template <>
struct Shape<Millis> {
  static json schema() { return typed("string"); }
};
template <>
struct Shape<Quantity> {
  static json schema() { return {{"x-kubernetes-int-or-string", true}}; }
};
template <>
struct Shape<meta::ConditionStatus> {
  static json schema() { return typed("string"); }
};
template <>
struct Shape<WallTime> {
  static json schema() { return {{"type", "string"}, {"format", "date-time"}}; }
};
template <>
struct Shape<bool> {
  static json schema() { return typed("boolean"); }
};
template <>
struct Shape<std::int64_t> {
  static json schema() { return {{"type", "integer"}, {"format", "int64"}}; }
};
template <>
struct Shape<double> {
  static json schema() { return typed("number"); }
};
template <>
struct Shape<std::map<std::string, std::string>> {
  static json schema() { return {{"type", "object"}, {"additionalProperties", typed("string")}}; }
};
template <class T>
struct Shape<std::optional<T>> {
  static json schema() { return Shape<T>::schema(); }
};
template <class T>
struct Shape<std::vector<T>> {
  static json schema() { return {{"type", "array"}, {"items", Shape<T>::schema()}}; }
};

// What an absent field means anyway, so that a schema need not say it.
inline bool is_nothing(const json& value) {
  return value.is_null() || value == json(0) || value == json(false) || value == json("") ||
         ((value.is_object() || value.is_array()) && value.empty());
}

template <class T>
json default_of(const T& value) {
  return write(value);
}
template <class T>
json default_of(const std::optional<T>&) {
  return nullptr;
}

template <HasTable T>
struct Shape<T> {
  static json schema() {
    json out = {{"type", "object"}, {"properties", json::object()}};
    static const T kDefault{};
    const auto add = [&out](const auto& field) {
      using Member = std::remove_cvref_t<decltype(kDefault.*field.member)>;
      json property = Shape<Member>::schema();
      const Rules& rules = field.rules;
      if (rules.required) out["required"].push_back(field.name);
      for (const std::string_view choice : rules.choices) property["enum"].push_back(std::string(choice));
      if (rules.minimum) property["minimum"] = *rules.minimum;
      if (rules.maximum) property["maximum"] = *rules.maximum;
      if constexpr (!HasTable<Member>) {
        const json value = default_of(kDefault.*field.member);
        if (!is_nothing(value) && !rules.required) property["default"] = value;
      }
      out["properties"][field.name] = std::move(property);
    };
    std::apply([&](const auto&... field) { (add(field), ...); }, fields_of<T>());
    if (out.contains("required")) std::sort(out["required"].begin(), out["required"].end());
    return out;
  }
};

}  // namespace atelier::api::testing
