// An expression: whatever it is, it is refused, or its evaluation ends, says the same twice and gives a value of the
// type that the checker found.
#include <algorithm>

#include "atelier/cel/expression.h"
#include "fuzz/property.h"

namespace {

using atelier::cel::Bindings;
using atelier::cel::Type;
using atelier::cel::Value;
using atelier::cel::Variables;
using atelier::fuzz::holds;

const Type& task_type() {
  static const Type type = Type::object({{"exitCode", Type::integer()},
                                         {"results", Type::object({{"rows", Type::string()}})},
                                         {"state", Type::string()}});
  return type;
}

const Variables& declared() {
  static const Variables variables = {
      {"params", Type::object({{"day", Type::string()}, {"n", Type::integer()}})},
      {"tasks", Type::object({{"extract", task_type()}, {"load", task_type()}})},
      {"list", Type::list(Type::integer())},
      {"map", Type::map(Type::string(), Type::floating())},
      {"any", Type::dynamic()},
  };
  return variables;
}

const Bindings& bindings() {
  using Key = Value::Key;
  static const Bindings values = {
      {"params", Value(Value::Map{{Key("day"), Value("2026-11-21")}, {Key("n"), Value(7)}})},
      {"tasks", Value(Value::Map{{Key("extract"), Value(Value::Map{{Key("state"), Value("Succeeded")},
                                                                   {Key("exitCode"), Value(0)}})}})},
      {"list", Value(Value::List{Value(3), Value(1), Value(2)})},
      {"map", Value(Value::Map{{Key("a"), Value(0.5)}})},
      {"any", Value(Value::List{Value(), Value(true), Value("\xc3\xa4"), Value(-1.5)})},
  };
  return values;
}

bool is_of(const Value& value, const Type& type) {
  switch (type.kind()) {
    case Type::Kind::dynamic:
      return true;
    case Type::Kind::null:  // the checker, as cel-go's, calls [params, null] a list of null
    case Type::Kind::object:
      return value.is_null() || value.as<Value::Map>() != nullptr;
    case Type::Kind::boolean:
      return value.as<bool>() != nullptr;
    case Type::Kind::integer:
      return value.as<std::int64_t>() != nullptr;
    case Type::Kind::floating:
      return value.as<double>() != nullptr;
    case Type::Kind::string:
      return value.as<std::string>() != nullptr;
    case Type::Kind::list: {
      const auto* items = value.as<Value::List>();
      return items != nullptr &&
             std::all_of(items->begin(), items->end(), [&](const Value& item) { return is_of(item, type.element()); });
    }
    case Type::Kind::map: {
      const auto* entries = value.as<Value::Map>();
      return entries != nullptr && std::all_of(entries->begin(), entries->end(), [&](const auto& entry) {
               return is_of(Value(entry.first), type.key()) && is_of(entry.second, type.value());
             });
    }
    default:
      return false;
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using atelier::cel::Expression;
  using atelier::cel::json_of;
  const auto expression = Expression::compile(atelier::fuzz::text_of(data, size), declared());
  if (!expression) {
    holds(atelier::fuzz::is_utf8(expression.error().message), "what is refused is refused in words");
    return 0;
  }
  const auto value = expression.value().evaluate(bindings());
  const auto again = expression.value().evaluate(bindings());
  holds(value.has_value() == again.has_value(), "an expression fails always, or never");
  if (!value) {
    holds(value.error().message == again.error().message, "it fails with the same words");
    holds(atelier::fuzz::is_utf8(value.error().message), "what fails says so in words");
    return 0;
  }
  holds(json_of(value.value()).dump() == json_of(again.value()).dump(), "its value is always the same");
  holds(is_of(value.value(), expression.value().type()), "its value is of the type that was found");
  holds(value.value().weight() <= 70'000, "its value is no larger than what limits and source allow");
  return 0;
}
