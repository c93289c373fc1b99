// One field table per struct: what the JSON of a field is called and which values it takes. Parsing, serializing and
// the test that compares the C++ types with crds/ all read these tables, so none of them can drift.
#pragma once

#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace atelier::api {

struct Rules {
  bool required = false;
  bool always = false;  // serialized even when it equals the default
  std::vector<std::string_view> choices = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
};

template <class Struct, class Member>
struct Field {
  const char* name;
  Member Struct::* member;
  Rules rules;
};

template <class Struct, class Member>
Field<Struct, Member> field(const char* name, Member Struct::* member, Rules rules = {}) {
  return {name, member, std::move(rules)};
}

inline Rules required() {
  Rules rules;
  rules.required = true;
  return rules;
}
inline Rules always() {
  Rules rules;
  rules.always = true;
  return rules;
}
inline Rules between(double minimum, double maximum) {
  Rules rules;
  rules.minimum = minimum;
  rules.maximum = maximum;
  return rules;
}
inline Rules at_least(double minimum) {
  Rules rules;
  rules.minimum = minimum;
  return rules;
}
inline Rules one_of(std::vector<std::string_view> choices) {
  Rules rules;
  rules.choices = std::move(choices);
  return rules;
}
inline Rules required(Rules rules) {
  rules.required = true;
  return rules;
}

// Specialized with `static auto fields()`, a tuple of Field, for every struct that has a JSON form.
template <class T>
struct Table;

template <class T>
concept HasTable = requires { Table<T>::fields(); };

template <class T>
concept Kind = requires {
  T::kKind;
  T::kPlural;
};

// All kinds but Approval, which nobody writes twice.
template <class T>
concept HasStatus = Kind<T> && requires(T value) { value.status; };

// Built once per struct.
template <HasTable T>
const auto& fields_of() {
  static const auto kFields = Table<T>::fields();
  return kFields;
}

}  // namespace atelier::api
