// One object as a store keeps it: who it is, and its value.
#pragma once

#include <compare>
#include <memory>
#include <string_view>
#include <utility>

#include "atelier/kube/decode.h"

namespace atelier::kube {

struct KeyView {
  std::string_view ns;
  std::string_view name;

  auto operator<=>(const KeyView&) const = default;  // as ObjectKey's
};

// Borrowed from an object.
struct IdentityView {
  KeyView key;
  std::string_view uid;
  std::string_view resource_version;
};

inline KeyView view(const ObjectKey& key) { return {key.ns, key.name}; }
inline ObjectKey key_of(const KeyView& view) { return {std::string(view.ns), std::string(view.name)}; }

// A value that carries its own identity, told by a function identity_of beside its type. Of others the store keeps it.
template <class T>
concept CarriesIdentity = requires(const T& value) {
  { identity_of(value) } -> std::same_as<IdentityView>;
};

template <class T>
class Entry {
 public:
  Entry(const Identity& identity, std::shared_ptr<const T> value) : identity_(identity), value_(std::move(value)) {}

  IdentityView identity() const { return {view(identity_.key), identity_.uid.value, identity_.resource_version}; }
  const std::shared_ptr<const T>& value() const { return value_; }

 private:
  Identity identity_;
  std::shared_ptr<const T> value_;
};

template <CarriesIdentity T>
class Entry<T> {
 public:
  Entry(const Identity&, std::shared_ptr<const T> value) : value_(std::move(value)) {}

  IdentityView identity() const { return identity_of(*value_); }
  const std::shared_ptr<const T>& value() const { return value_; }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace atelier::kube
