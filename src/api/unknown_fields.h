// Finds the fields of a document that no field table knows: typos, mostly.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "api/field.h"

namespace atelier::api {

struct UnknownFields {
  std::vector<std::string> found;

  template <HasTable T>
  void visit(const nlohmann::json& value, const std::string& path) {
    if (!value.is_object()) return;
    for (const auto& [name, inner] : value.items()) {
      if constexpr (Kind<T>) {
        // The API server knows more of metadata than the operator reads.
        if (name == "apiVersion" || name == "kind" || name == "metadata") continue;
      }
      const std::string at = path.empty() ? name : path + "." + name;
      bool known = false;
      const auto look = [&](const auto& field) {
        if (name != field.name) return;
        known = true;
        visit<std::remove_cvref_t<decltype(std::declval<T&>().*field.member)>>(inner, at);
      };
      std::apply([&](const auto&... field) { (look(field), ...); }, fields_of<T>());
      if (!known) found.push_back(at);
    }
  }
  template <class T>
  void visit(const nlohmann::json& value, const std::string& path) {
    visit_inside(static_cast<const T*>(nullptr), value, path);
  }

 private:
  template <class T>
  void visit_inside(const std::optional<T>*, const nlohmann::json& value, const std::string& path) {
    visit<T>(value, path);
  }
  template <class T>
  void visit_inside(const std::vector<T>*, const nlohmann::json& value, const std::string& path) {
    if (!value.is_array()) return;
    for (std::size_t i = 0; i < value.size(); ++i) visit<T>(value[i], path + "[" + std::to_string(i) + "]");
  }
  template <class T>
  void visit_inside(const T*, const nlohmann::json&, const std::string&) {}
};

}  // namespace atelier::api
