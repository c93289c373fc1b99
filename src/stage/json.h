// Just enough JSON for the files this program writes and reads back: claims, sequences, manifests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace atelier::stage {

// `text` as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

// An immutable parsed document. Numbers are unsigned integers: nothing else is ever written.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  // Nothing if `text` is not exactly one document of at most 8 levels and 64 keys an object; duplicate keys and
  // fractions are refused.
  static std::optional<Json> parse(std::string_view text);

  // Null if this is no object or has no such key.
  const Json* find(std::string_view key) const;

  // The value found under `key`, nothing if it is absent or of another type.
  std::optional<std::string> string_at(std::string_view key) const;
  std::optional<std::uint64_t> number_at(std::string_view key) const;
  std::optional<bool> bool_at(std::string_view key) const;
  const Array* array_at(std::string_view key) const;

 private:
  friend class JsonReader;
  std::variant<std::monostate, bool, std::uint64_t, std::string, Array, Object> value_;
};

}  // namespace atelier::stage
