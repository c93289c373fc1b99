// Who set which fields of one object: what server-side apply takes back.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace atelier::sim {

// Lists are atomic. Who writes without apply is one manager.
class Managers {
 public:
  // Without apply: what it changed is its own.
  void wrote(const nlohmann::json& before, const nlohmann::json& after);

  // By `manager`, who forces: what it set before and names no more goes, unless it is another's too.
  nlohmann::json applied(const nlohmann::json& before, const std::string& manager, const nlohmann::json& wanted);

  bool operator==(const Managers&) const = default;

 private:
  using Fields = std::set<std::string>;  // JSON pointers

  bool owned(const std::string& field) const;
  void disown(const std::string& field);

  std::map<std::string, Fields> fields_;  // by manager; those of who writes without apply under ""
};

}  // namespace atelier::sim
