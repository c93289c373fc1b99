// The model's etcd: objects, and the log of every change to them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/target.h"

namespace atelier::sim {

using Object = std::shared_ptr<const nlohmann::json>;

struct Change {
  std::uint64_t version = 0;
  const Kind* kind = nullptr;
  ObjectKey key;
  Object before;  // null: created
  Object after;   // null: deleted
  Object last;    // with the version of this change, also when deleted
};

class Store {
 public:
  Object find(const Kind& kind, const ObjectKey& key) const;
  // By key; an empty `ns` means all namespaces.
  std::vector<Object> all(const Kind& kind, const std::string& ns) const;
  // As it was at `version`.
  std::vector<Object> all_at(std::uint64_t version, const Kind& kind, const std::string& ns) const;
  bool has_uid(const Kind& kind, const std::string& uid) const;

  // Both give the object a new version and return it as it is then.
  Object put(const Kind& kind, const ObjectKey& key, nlohmann::json object);
  Object erase(const Kind& kind, const ObjectKey& key);

  // As it was at `version`; the next change gets a version after `continue_at`. Nobody is told.
  void restore(std::uint64_t version, std::uint64_t continue_at);

  std::uint64_t version() const { return version_; }
  const std::vector<Change>& changes() const { return changes_; }
  // Index of the first change after `version`.
  std::size_t after(std::uint64_t version) const;

  // Told after every change; may not change anything itself. Registered for good.
  void on_change(std::function<void(const Change&)> heard) { heard_.push_back(std::move(heard)); }

 private:
  using Objects = std::map<ObjectKey, Object>;

  Object record(const Kind& kind, const ObjectKey& key, Object before, nlohmann::json object, bool deleted);

  std::map<std::string, Objects> objects_;  // by group/plural
  std::vector<Change> changes_;
  std::vector<std::function<void(const Change&)>> heard_;
  std::uint64_t version_ = 1000;
};

}  // namespace atelier::sim
