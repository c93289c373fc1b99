#include <nlohmann/json.hpp>
#include <utility>

#include "atelier/cel/value.h"

namespace atelier::cel {
namespace {

constexpr int kDeepest = 64;

Result<Value> read(const nlohmann::json& json, int depth) {
  if (depth > kDeepest) return invalid("the JSON is nested deeper than " + std::to_string(kDeepest) + " times");
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return Value(json.get<bool>());
    case nlohmann::json::value_t::number_unsigned:
      if (json.get<std::uint64_t>() > INT64_MAX) return invalid(json.dump() + " is beyond the 64 bits of an int");
      return Value(json.get<std::int64_t>());
    case nlohmann::json::value_t::number_integer:
      return Value(json.get<std::int64_t>());
    case nlohmann::json::value_t::number_float:
      return Value(json.get<double>());
    case nlohmann::json::value_t::string:
      return Value(json.get<std::string>());
    case nlohmann::json::value_t::array: {
      Value::List items;
      for (const auto& element : json) {
        ATELIER_TRY(auto item, read(element, depth + 1));
        items.push_back(std::move(item));
      }
      return Value(std::move(items));
    }
    case nlohmann::json::value_t::object: {
      Value::Map entries;
      for (const auto& [name, element] : json.items()) {
        ATELIER_TRY(auto value, read(element, depth + 1));
        entries.emplace(name, std::move(value));
      }
      return Value(std::move(entries));
    }
    default:
      return Value();
  }
}

std::string name_of(const Value::Key& key) {
  if (const auto* flag = std::get_if<bool>(&key)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&key)) return std::to_string(*number);
  return std::get<std::string>(key);
}

}  // namespace

Result<Value> value_of(const nlohmann::json& json) { return read(json, 0); }

nlohmann::json json_of(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* number = value.as<std::int64_t>()) return *number;
  if (const auto* number = value.as<double>()) return *number;
  if (const auto* text = value.as<std::string>()) return *text;
  if (const auto* items = value.as<Value::List>()) {
    auto json = nlohmann::json::array();
    for (const Value& item : *items) json.push_back(json_of(item));
    return json;
  }
  if (const auto* entries = value.as<Value::Map>()) {
    auto json = nlohmann::json::object();
    for (const auto& [key, entry] : *entries) json[name_of(key)] = json_of(entry);
    return json;
  }
  return nullptr;
}

}  // namespace atelier::cel
