// Collects violations in the order of the document.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "atelier/api/validate.h"

namespace atelier::api {

class Findings {
 public:
  void add(std::string reason, std::string path, std::string message) {
    found_.push_back({std::move(reason), std::move(path), std::move(message)});
  }

  void dns_label(const std::string& name, const std::string& path) {
    if (is_dns_label(name)) return;
    add("InvalidName", path,
        "\"" + name +
            "\" is no DNS label; use at most 63 lower-case letters, digits and \"-\", with a letter or digit "
            "at both ends");
  }

  // Names of a list's items, each given once; `reason` is what a second one is called.
  template <class Item>
  void unique(const std::vector<Item>& items, const std::string& path, const std::string& reason = "DuplicateName") {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (seen.insert(items[i].name).second) continue;
      add(reason, path + "[" + std::to_string(i) + "].name",
          "\"" + items[i].name + "\" is there already; give each its own name");
    }
  }

  void env(const std::vector<EnvVar>& env, const std::string& path);

  Violations take() { return std::move(found_); }

 private:
  Violations found_;
};

inline std::string at(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace atelier::api
