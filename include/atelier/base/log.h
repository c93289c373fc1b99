// Structured logging: a constant message and key/values, written once, where the matter is handled.
// Never secrets, never bodies.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace atelier::log {

enum class Level { debug, info, warn, error };

// A value is rendered with std::to_string or copied; quoted in the output where it needs to be.
struct Field {
  Field(std::string_view key_in, std::string value_in) : key(key_in), value(std::move(value_in)) {}
  Field(std::string_view key_in, std::string_view value_in) : key(key_in), value(value_in) {}
  Field(std::string_view key_in, const char* value_in) : key(key_in), value(value_in) {}
  Field(std::string_view key_in, long long value_in) : key(key_in), value(std::to_string(value_in)) {}
  Field(std::string_view key_in, int value_in) : key(key_in), value(std::to_string(value_in)) {}
  Field(std::string_view key_in, std::size_t value_in) : key(key_in), value(std::to_string(value_in)) {}

  std::string_view key;
  std::string value;
};

void set_level(Level level);  // default info; call before the first loop starts
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }
inline void warn(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warn, m, f); }
inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }

}  // namespace atelier::log
