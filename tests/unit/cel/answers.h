// What an expression says, as text that a test can show.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "atelier/cel/expression.h"

namespace atelier::cel {

inline Type task_type() {
  return Type::object({{"exitCode", Type::integer()},
                       {"results", Type::object({{"rows", Type::string()}})},
                       {"state", Type::string()}});
}

inline Variables some_variables() {
  return {{"params", Type::object({{"day", Type::string()}, {"n", Type::integer()}})},
          {"tasks", Type::object({{"extract", task_type()}, {"load", task_type()}})},
          {"unset", Type::string()},
          {"any", Type::dynamic()}};
}

// The task load has no state and no rows.
inline Bindings some_bindings() {
  const auto json = nlohmann::json::parse(R"({
    "params": {"day": "2026-11-21", "n": 7},
    "tasks": {"extract": {"exitCode": 0, "results": {"rows": "10"}, "state": "Succeeded"},
              "load": {"exitCode": 1, "results": {}}},
    "any": {"list": [1, 2.5, "c", null]}})");
  Bindings bindings;
  for (const auto& [name, value] : json.items()) bindings.emplace(name, value_of(value).value());
  return bindings;
}

// "refused: message", "failed: message", or the value as JSON.
inline std::string answer(std::string_view source, const Limits& limits = {}) {
  const auto expression = Expression::compile(source, some_variables());
  if (!expression) return "refused: " + expression.error().message;
  const auto value = expression.value().evaluate(some_bindings(), limits);
  return value ? json_of(value.value()).dump() : "failed: " + value.error().message;
}

inline std::string type_of(std::string_view source) {
  const auto expression = Expression::compile(source, some_variables());
  return expression ? expression.value().type().text() : "refused: " + expression.error().message;
}

}  // namespace atelier::cel
