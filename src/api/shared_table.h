// Field tables of the structs that several kinds use, and of the object metadata.
#pragma once

#include "api/field.h"
#include "atelier/api/shared_types.h"

namespace atelier::api {

inline constexpr double kLargestId = 2147483647;  // of users and groups in Kubernetes

template <>
struct Table<LocalReference> {
  static auto fields() { return std::tuple{field("name", &LocalReference::name, required())}; }
};

template <>
struct Table<NamespacedReference> {
  static auto fields() {
    return std::tuple{field("name", &NamespacedReference::name, required()),
                      field("namespace", &NamespacedReference::ns)};
  }
};

template <>
struct Table<RunReference> {
  static auto fields() {
    return std::tuple{field("name", &RunReference::name, required()), field("uid", &RunReference::uid, required())};
  }
};

template <>
struct Table<KeySelector> {
  static auto fields() {
    return std::tuple{field("name", &KeySelector::name, required()), field("key", &KeySelector::key, required()),
                      field("optional", &KeySelector::optional)};
  }
};

template <>
struct Table<EnvSource> {
  static auto fields() {
    return std::tuple{field("secretKeyRef", &EnvSource::secret_key_ref),
                      field("configMapKeyRef", &EnvSource::config_map_key_ref)};
  }
};

template <>
struct Table<EnvVar> {
  static auto fields() {
    return std::tuple{field("name", &EnvVar::name, required()), field("value", &EnvVar::value),
                      field("valueFrom", &EnvVar::value_from)};
  }
};

template <>
struct Table<meta::Condition> {
  using C = meta::Condition;
  static auto fields() {
    return std::tuple{field("type", &C::type, required()),
                      field("status", &C::status, required(one_of({"True", "False", "Unknown"}))),
                      field("reason", &C::reason, required(always())),
                      field("message", &C::message, required(always())),
                      field("observedGeneration", &C::observed_generation),
                      field("lastTransitionTime", &C::last_transition_time, required(always()))};
  }
};

template <>
struct Table<meta::OwnerReference> {
  using O = meta::OwnerReference;
  static auto fields() {
    return std::tuple{field("apiVersion", &O::api_version),
                      field("kind", &O::kind),
                      field("name", &O::name),
                      field("uid", &O::uid),
                      field("controller", &O::controller),
                      field("blockOwnerDeletion", &O::block_owner_deletion)};
  }
};

template <>
struct Table<meta::ObjectMeta> {
  using M = meta::ObjectMeta;
  static auto fields() {
    return std::tuple{field("name", &M::name),
                      field("namespace", &M::ns),
                      field("uid", &M::uid),
                      field("resourceVersion", &M::resource_version),
                      field("generation", &M::generation),
                      field("creationTimestamp", &M::creation_timestamp),
                      field("deletionTimestamp", &M::deletion_timestamp),
                      field("labels", &M::labels),
                      field("annotations", &M::annotations),
                      field("finalizers", &M::finalizers),
                      field("ownerReferences", &M::owner_references)};
  }
};

template <Kind T>
struct Table<T> {
  static auto fields() {
    const auto said = std::tuple{field("metadata", &T::metadata), field("spec", &T::spec, required())};
    if constexpr (HasStatus<T>) {
      return std::tuple_cat(said, std::tuple{field("status", &T::status)});
    } else {
      return said;
    }
  }
};

}  // namespace atelier::api
