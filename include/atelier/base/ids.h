// Strong types for the strings that must not be mixed up.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace atelier {

template <class Tag>
struct StrongString {
  StrongString() = default;
  explicit StrongString(std::string text) : value(std::move(text)) {}

  bool empty() const { return value.empty(); }
  auto operator<=>(const StrongString&) const = default;

  std::string value;
};

using Uid = StrongString<struct UidTag>;

// Names an object of one kind; `ns` is empty for cluster-scoped kinds.
struct ObjectKey {
  ObjectKey() = default;
  ObjectKey(std::string ns_in, std::string name_in) : ns(std::move(ns_in)), name(std::move(name_in)) {}

  auto operator<=>(const ObjectKey&) const = default;
  std::string to_string() const { return ns.empty() ? name : ns + "/" + name; }

  std::string ns;
  std::string name;
};

}  // namespace atelier

template <>
struct std::hash<atelier::ObjectKey> {
  std::size_t operator()(const atelier::ObjectKey& key) const noexcept {
    return std::hash<std::string>{}(key.ns) * 31 + std::hash<std::string>{}(key.name);
  }
};
