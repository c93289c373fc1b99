// The part of an object's metadata that the operator reads, and the references it writes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atelier/base/ids.h"
#include "atelier/base/time.h"

namespace atelier::meta {

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  Uid uid;
  bool controller = false;
  bool block_owner_deletion = false;

  bool operator==(const OwnerReference&) const = default;
};

struct ObjectMeta {
  std::string name;
  std::string ns;  // empty for cluster-scoped kinds
  Uid uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<WallTime> creation_timestamp;
  std::optional<WallTime> deletion_timestamp;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<std::string> finalizers;
  std::vector<OwnerReference> owner_references;

  ObjectKey key() const { return {ns, name}; }
  bool deleting() const { return deletion_timestamp.has_value(); }
  bool operator==(const ObjectMeta&) const = default;
};

}  // namespace atelier::meta
