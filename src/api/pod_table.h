// Field tables of the pod fields.
#pragma once

#include "api/shared_table.h"
#include "atelier/api/pod_fields.h"

namespace atelier::api {

inline Rules taint_effects() { return one_of({"NoSchedule", "PreferNoSchedule", "NoExecute"}); }

template <>
struct Table<ResourceAmounts> {
  using R = ResourceAmounts;
  static auto fields() {
    return std::tuple{field("cpu", &R::cpu), field("memory", &R::memory),
                      field("ephemeral-storage", &R::ephemeral_storage)};
  }
};

template <>
struct Table<ContainerResources> {
  static auto fields() {
    return std::tuple{field("requests", &ContainerResources::requests), field("limits", &ContainerResources::limits)};
  }
};

template <>
struct Table<Toleration> {
  using T = Toleration;
  static auto fields() {
    return std::tuple{field("key", &T::key, required()), field("operator", &T::op, one_of({"Equal", "Exists"})),
                      field("value", &T::value), field("effect", &T::effect, taint_effects()),
                      field("tolerationSeconds", &T::toleration_seconds)};
  }
};

template <>
struct Table<KeyToPath> {
  static auto fields() {
    return std::tuple{field("key", &KeyToPath::key, required()), field("path", &KeyToPath::path, required())};
  }
};

template <>
struct Table<ClaimVolume> {
  static auto fields() {
    return std::tuple{field("claimName", &ClaimVolume::claim_name, required()),
                      field("readOnly", &ClaimVolume::read_only)};
  }
};

template <>
struct Table<ConfigMapVolume> {
  using V = ConfigMapVolume;
  static auto fields() {
    return std::tuple{field("name", &V::name, required()), field("items", &V::items), field("optional", &V::optional)};
  }
};

template <>
struct Table<SecretVolume> {
  using V = SecretVolume;
  static auto fields() {
    return std::tuple{field("secretName", &V::secret_name, required()), field("items", &V::items),
                      field("optional", &V::optional)};
  }
};

template <>
struct Table<EmptyDirVolume> {
  static auto fields() {
    return std::tuple{field("medium", &EmptyDirVolume::medium, one_of({"", "Memory"})),
                      field("sizeLimit", &EmptyDirVolume::size_limit)};
  }
};

template <>
struct Table<Volume> {
  using V = Volume;
  static auto fields() {
    return std::tuple{field("name", &V::name, required()), field("persistentVolumeClaim", &V::persistent_volume_claim),
                      field("configMap", &V::config_map), field("secret", &V::secret),
                      field("emptyDir", &V::empty_dir)};
  }
};

template <>
struct Table<VolumeMount> {
  using M = VolumeMount;
  static auto fields() {
    return std::tuple{field("name", &M::name, required()), field("mountPath", &M::mount_path, required()),
                      field("subPath", &M::sub_path), field("readOnly", &M::read_only)};
  }
};

template <>
struct Table<Sidecar> {
  using S = Sidecar;
  static auto fields() {
    return std::tuple{field("name", &S::name, required()),
                      field("image", &S::image),
                      field("command", &S::command),
                      field("args", &S::args),
                      field("env", &S::env),
                      field("resources", &S::resources),
                      field("volumeMounts", &S::volume_mounts)};
  }
};

template <>
struct Table<TaintGrant> {
  using G = TaintGrant;
  static auto fields() {
    return std::tuple{field("key", &G::key, required()), field("value", &G::value),
                      field("effect", &G::effect, taint_effects())};
  }
};

}  // namespace atelier::api
