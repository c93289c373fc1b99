// Reads a struct from JSON by its field table.
#pragma once

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/field.h"
#include "atelier/api/quantity.h"
#include "atelier/base/ids.h"
#include "atelier/base/time.h"
#include "atelier/meta/condition.h"

namespace atelier::api {

// Values outside the table's rules are errors as well: the API server lets none through.
class Reader {
 public:
  // Sentences that start with the field's path, in the order of the tables; empty after success.
  const std::vector<std::string>& errors() const { return errors_; }

  template <HasTable T>
  bool read(const nlohmann::json& value, T& out, const Rules& /*rules*/ = {}) {
    if (!value.is_object()) return wrong(value, "an object");
    if constexpr (Kind<T>) {
      const auto kind = value.find("kind");
      if (kind != value.end() && *kind != T::kKind) {
        return fail("kind: is " + kind->dump() + ", should be \"" + T::kKind + "\"");
      }
    }
    bool good = true;
    const auto read_one = [&](const auto& field) { good = read_field(value, out, field) && good; };
    std::apply([&](const auto&... field) { (read_one(field), ...); }, fields_of<T>());
    return good;
  }
  template <class T>
  bool read(const nlohmann::json& value, std::optional<T>& out, const Rules& rules) {
    return read(value, out.emplace(), rules);
  }
  template <class T>
  bool read(const nlohmann::json& value, std::vector<T>& out, const Rules& /*rules*/) {
    if (!value.is_array()) return wrong(value, "a list");
    out.clear();
    bool good = true;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Step step{*this, "[" + std::to_string(i) + "]"};
      good = read(value[i], out.emplace_back(), Rules{}) && good;
    }
    return good;
  }
  bool read(const nlohmann::json& value, std::map<std::string, std::string>& out, const Rules& rules);
  bool read(const nlohmann::json& value, std::string& out, const Rules& rules);
  bool read(const nlohmann::json& value, Uid& out, const Rules& rules) { return read(value, out.value, rules); }
  bool read(const nlohmann::json& value, bool& out, const Rules& rules);
  bool read(const nlohmann::json& value, std::int64_t& out, const Rules& rules);
  bool read(const nlohmann::json& value, double& out, const Rules& rules);
  bool read(const nlohmann::json& value, Millis& out, const Rules& rules);
  bool read(const nlohmann::json& value, Quantity& out, const Rules& rules);
  bool read(const nlohmann::json& value, WallTime& out, const Rules& rules);
  bool read(const nlohmann::json& value, meta::ConditionStatus& out, const Rules& rules);

 private:
  // One step down the path, while it lives.
  class Step {
   public:
    Step(Reader& reader, const std::string& text) : path_(reader.path_), length_(path_.size()) { path_ += text; }
    ~Step() { path_.resize(length_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string& path_;
    std::size_t length_;
  };

  template <class T, class Member>
  bool read_field(const nlohmann::json& object, T& out, const Field<T, Member>& field) {
    const Step step{*this, path_.empty() ? field.name : std::string(".") + field.name};
    const auto at = object.find(field.name);
    if (at == object.end() || at->is_null()) {
      return !field.rules.required || fail(path_ + ": is missing");
    }
    return read(*at, out.*field.member, field.rules);
  }

  bool wrong(const nlohmann::json& value, std::string_view expected);
  bool within(double value, const Rules& rules);
  bool fail(std::string message) {
    errors_.push_back(std::move(message));
    return false;
  }

  std::string path_;
  std::vector<std::string> errors_;
};

}  // namespace atelier::api
