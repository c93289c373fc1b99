// Whether the kinds that a cluster serves have every field that this program knows.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/field.h"

namespace atelier::reconcile {

// Walks a field table beside a structural schema of OpenAPI.
struct MissingFields {
  std::vector<std::string> found;  // spec.dags.release; what is inside of a missing field is not told

  template <api::HasTable T>
  void visit(const nlohmann::json& schema, const std::string& path) {
    static const nlohmann::json kNone = nlohmann::json::object();
    const auto properties = schema.find("properties");
    const nlohmann::json& known = properties == schema.end() ? kNone : *properties;
    const auto look = [&](const auto& field) {
      const std::string name{field.name};
      if (api::Kind<T> && name == "metadata") return;
      const std::string at = path.empty() ? name : path + "." + name;
      const auto inner = known.find(name);
      if (inner == known.end()) {
        found.push_back(at);
      } else {
        visit<std::remove_cvref_t<decltype(std::declval<T&>().*field.member)>>(*inner, at);
      }
    };
    std::apply([&](const auto&... field) { (look(field), ...); }, api::fields_of<T>());
  }
  template <class T>
  void visit(const nlohmann::json& schema, const std::string& path) {
    inside(static_cast<const T*>(nullptr), schema, path);
  }

 private:
  template <class T>
  void inside(const std::optional<T>*, const nlohmann::json& schema, const std::string& path) {
    visit<T>(schema, path);
  }
  template <class T>
  void inside(const std::vector<T>*, const nlohmann::json& schema, const std::string& path) {
    const auto items = schema.find("items");
    if (items != schema.end()) visit<T>(*items, path + "[]");
  }
  template <class T>
  void inside(const T*, const nlohmann::json&, const std::string&) {}
};

}  // namespace atelier::reconcile
