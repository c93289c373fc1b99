#include "api/reader.h"

#include <algorithm>

#include "api/writer.h"

namespace atelier::api {

using nlohmann::json;

namespace {

std::string_view name_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "a list";
    case json::value_t::string:
      return "a string";
    case json::value_t::boolean:
      return "a boolean";
    default:
      return value.is_number_float() ? "a fraction" : "an integer";
  }
}

std::string number(double value) { return write(value).dump(); }

}  // namespace

bool Reader::wrong(const json& value, std::string_view expected) {
  return fail(path_ + ": is " + std::string(name_of(value)) + ", should be " + std::string(expected));
}

bool Reader::within(double value, const Rules& rules) {
  if (rules.minimum && value < *rules.minimum) return fail(path_ + ": should be at least " + number(*rules.minimum));
  if (rules.maximum && value > *rules.maximum) return fail(path_ + ": should be at most " + number(*rules.maximum));
  return true;
}

bool Reader::read(const json& value, std::map<std::string, std::string>& out, const Rules& rules) {
  if (!value.is_object()) return wrong(value, "a map of strings");
  out.clear();
  bool good = true;
  for (const auto& [key, one] : value.items()) {
    const Step step{*this, "[" + json(key).dump() + "]"};
    good = read(one, out[key], rules) && good;
  }
  return good;
}

bool Reader::read(const json& value, std::string& out, const Rules& rules) {
  if (!value.is_string()) return wrong(value, "a string");
  out = value.get<std::string>();
  if (rules.choices.empty() || std::find(rules.choices.begin(), rules.choices.end(), out) != rules.choices.end()) {
    return true;
  }
  std::string choices;
  for (const std::string_view choice : rules.choices) choices += (choices.empty() ? "" : ", ") + std::string(choice);
  return fail(path_ + ": is " + value.dump() + ", should be one of " + choices);
}

bool Reader::read(const json& value, bool& out, const Rules& /*rules*/) {
  if (!value.is_boolean()) return wrong(value, "a boolean");
  out = value.get<bool>();
  return true;
}

bool Reader::read(const json& value, std::int64_t& out, const Rules& rules) {
  if (!value.is_number_integer()) return wrong(value, "an integer");
  if (value.is_number_unsigned() &&
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return fail(path_ + ": is too large");
  }
  out = value.get<std::int64_t>();
  return within(static_cast<double>(out), rules);
}

bool Reader::read(const json& value, double& out, const Rules& rules) {
  if (!value.is_number()) return wrong(value, "a number");
  out = value.get<double>();
  return within(out, rules);
}

bool Reader::read(const json& value, Millis& out, const Rules& /*rules*/) {
  if (!value.is_string()) return wrong(value, "a duration such as \"1m30s\"");
  auto parsed = parse_duration(value.get_ref<const std::string&>());
  if (!parsed) return fail(path_ + ": " + parsed.error().message);
  out = parsed.value();
  return true;
}

bool Reader::read(const json& value, Quantity& out, const Rules& /*rules*/) {
  if (!value.is_string() && !value.is_number_integer()) return wrong(value, "a quantity such as \"500m\"");
  auto parsed = parse_quantity(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
  if (!parsed) return fail(path_ + ": " + parsed.error().message);
  out = parsed.value();
  return true;
}

bool Reader::read(const json& value, WallTime& out, const Rules& /*rules*/) {
  if (!value.is_string()) return wrong(value, "an instant such as \"2026-01-01T00:00:00Z\"");
  auto parsed = parse_time(value.get_ref<const std::string&>());
  if (!parsed) return fail(path_ + ": " + parsed.error().message);
  out = parsed.value();
  return true;
}

bool Reader::read(const json& value, meta::ConditionStatus& out, const Rules& rules) {
  std::string text;
  if (!read(value, text, rules)) return false;
  out = text == "True"    ? meta::ConditionStatus::true_
        : text == "False" ? meta::ConditionStatus::false_
                          : meta::ConditionStatus::unknown;
  return true;
}

}  // namespace atelier::api
