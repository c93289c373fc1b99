#include "atelier/api/typed_text.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "atelier/base/text.h"

namespace atelier::api {
namespace {

using cel::Type;
using cel::Value;
using nlohmann::json;

Error no(std::string_view type, const std::string& text, const std::string& right) {
  constexpr std::size_t kExcerpt = 60;
  const std::string article = type == "int" ? "an " : "a ";
  return invalid("is \"" + bounded(text, kExcerpt) + "\", should be " + article + std::string(type) + ": " + right);
}

Result<Value> integer_of(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range && at == end) return no("int", text, "at most 64 bits");
  if (error != std::errc() || at != end) return no("int", text, "decimal digits alone, such as 42 or -1");
  if (std::to_string(number) != text)
    return no("int", text, "without needless signs, written " + std::to_string(number));
  return Value(number);
}

Result<Value> boolean_of(const std::string& text) {
  if (text == "true" || text == "false") return Value(text == "true");
  return no("bool", text, "true or false");
}

Result<Value> json_value_of(std::string_view type, const std::string& text) {
  const json parsed = json::parse(text, nullptr, false);
  const std::string right = type == "list" ? R"(JSON such as ["a","b"])" : R"(JSON such as {"a":1})";
  if (!(type == "list" ? parsed.is_array() : parsed.is_object())) return no(type, text, right);
  auto value = cel::value_of(parsed);
  if (!value) return no(type, text, value.error().message);
  return value;
}

}  // namespace

Type type_of(std::string_view type) {
  if (type == "int") return Type::integer();
  if (type == "bool") return Type::boolean();
  if (type == "list") return Type::list(Type::dynamic());
  if (type == "map") return Type::map(Type::string(), Type::dynamic());
  return Type::string();
}

Result<Value> value_of_text(std::string_view type, const std::string& text) {
  if (type == "int") return integer_of(text);
  if (type == "bool") return boolean_of(text);
  if (type == "list" || type == "map") return json_value_of(type, text);
  return Value(text);
}

std::string text_of(const Value& value) {
  if (const auto* text = value.as<std::string>()) return *text;
  return cel::json_of(value).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace atelier::api
