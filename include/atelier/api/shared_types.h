// Types that several kinds use. Plain values; their JSON form is in the field tables of src/api.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/time.h"
#include "atelier/meta/condition.h"
#include "atelier/meta/object_meta.h"

namespace atelier::api {

inline constexpr const char* kGroup = "atelier.dev";
inline constexpr const char* kVersion = "v1alpha1";
inline constexpr const char* kApiVersion = "atelier.dev/v1alpha1";

// Names an object in the same namespace (or a cluster-scoped one).
struct LocalReference {
  std::string name;

  bool operator==(const LocalReference&) const = default;
};

// Names an object in a namespace; an empty one means the referring object's own.
struct NamespacedReference {
  std::string name;
  std::string ns;  // "namespace" in JSON

  bool operator==(const NamespacedReference&) const = default;
};

// Names one run in the same namespace, not a later one of its name.
struct RunReference {
  static constexpr std::size_t kLongestUid = 128;

  std::string name;
  Uid uid;

  bool operator==(const RunReference&) const = default;
};

// One key of a Secret or a ConfigMap in the pod's own namespace.
struct KeySelector {
  std::string name;
  std::string key;
  bool optional = false;

  bool operator==(const KeySelector&) const = default;
};

struct EnvSource {
  std::optional<KeySelector> secret_key_ref;
  std::optional<KeySelector> config_map_key_ref;

  bool operator==(const EnvSource&) const = default;
};

struct EnvVar {
  std::string name;
  std::string value;
  std::optional<EnvSource> value_from;  // excludes a value

  bool operator==(const EnvVar&) const = default;
};

}  // namespace atelier::api
