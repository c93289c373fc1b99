// The bodies of parse and serialize, instantiated by one source file per kind.
#pragma once

#include "api/reader.h"
#include "api/unknown_fields.h"
#include "api/writer.h"
#include "atelier/api/codec.h"

namespace atelier::api {

template <class T>
Result<T> parse(const nlohmann::json& document) {
  T value;
  Reader reader;
  if (reader.read(document, value)) return value;
  std::string message;
  for (const std::string& error : reader.errors()) message += (message.empty() ? "" : "; ") + error;
  return invalid(message);
}

template <class T>
std::vector<std::string> mistakes(const nlohmann::json& document) {
  T value;
  Reader reader;
  reader.read(document, value);
  return reader.errors();
}

template <class T>
Result<T> parse_text(std::string_view document) {
  const nlohmann::json parsed = nlohmann::json::parse(document, nullptr, false);
  if (parsed.is_discarded()) return invalid("the document is not JSON");
  return parse<T>(parsed);
}

template <class T>
std::vector<std::string> unknown_fields(const nlohmann::json& document) {
  UnknownFields walk;
  walk.visit<T>(document, "");
  return std::move(walk.found);
}

template <class T>
nlohmann::json serialize(const T& value) {
  return write(value);
}

}  // namespace atelier::api

#define ATELIER_CODEC(T)                                                      \
  template Result<T> parse<T>(const nlohmann::json&);                         \
  template Result<T> parse_text<T>(std::string_view);                         \
  template std::vector<std::string> mistakes<T>(const nlohmann::json&);       \
  template std::vector<std::string> unknown_fields<T>(const nlohmann::json&); \
  template nlohmann::json serialize<T>(const T&)
