// Collects violations in the order of the document.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
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

  // The name of another object; `what` says which, for the message.
  void reference(const std::string& name, const std::string& path, const std::string& what) {
    if (name.empty()) {
      add("InvalidValue", path, "is empty; name " + what);
    } else if (!is_object_name(name)) {
      add("InvalidName", path,
          "\"" + name +
              "\" names no object; use at most 253 lower-case letters, digits, \"-\" and \".\", with a "
              "letter or digit at both ends");
    }
  }
  void pull_secrets(const std::vector<LocalReference>& secrets, const std::string& path) {
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      reference(secrets[i].name, path + "[" + std::to_string(i) + "].name", "a Secret that pulls the image");
    }
  }

  // Namespaces, each given once.
  void namespaces(const std::vector<std::string>& names, const std::string& path) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string at = path + "[" + std::to_string(i) + "]";
      dns_label(names[i], at);
      if (!seen.insert(names[i]).second) add("DuplicateName", at, "\"" + names[i] + "\" is there already; remove it");
    }
  }

  // Characters are counted as the API server counts them.
  void length(const std::string& text, std::size_t longest, const std::string& path) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
    if (static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts)) <= longest) return;
    add("InvalidValue", path, "is too long; use at most " + std::to_string(longest) + " characters");
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

// Absolute, below the root, without "..", so that it means the same wherever it is mounted.
bool is_plain_path(std::string_view path);

inline std::string at(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace atelier::api
