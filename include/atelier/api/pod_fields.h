// What a Pipeline may say about its tasks' pods: an allow-list of Kubernetes' fields, under their names there. Objects
// are referred to by name in the workspace's namespace. docs/reference/pods.md says why these and no others.
#pragma once

#include "atelier/api/quantity.h"
#include "atelier/api/shared_types.h"

namespace atelier::api {

struct ResourceAmounts {
  std::optional<Quantity> cpu;
  std::optional<Quantity> memory;
  std::optional<Quantity> ephemeral_storage;  // "ephemeral-storage"

  bool operator==(const ResourceAmounts&) const = default;
};

struct ContainerResources {
  ResourceAmounts requests;
  ResourceAmounts limits;

  bool operator==(const ContainerResources&) const = default;
};

// The tenant's BusinessDomain must grant it.
struct Toleration {
  std::string key;
  std::string op;  // "operator" in JSON; Equal or Exists; empty: Equal
  std::string value;
  std::string effect;  // NoSchedule, PreferNoSchedule or NoExecute; empty: all of them
  std::optional<std::int64_t> toleration_seconds;

  bool any_value() const { return op == "Exists"; }
  bool operator==(const Toleration&) const = default;
};

struct KeyToPath {
  std::string key;
  std::string path;  // relative, below the mount

  bool operator==(const KeyToPath&) const = default;
};

struct ClaimVolume {
  std::string claim_name;
  bool read_only = false;

  bool operator==(const ClaimVolume&) const = default;
};

struct ConfigMapVolume {
  std::string name;
  std::vector<KeyToPath> items;  // empty: all keys
  bool optional = false;

  bool operator==(const ConfigMapVolume&) const = default;
};

struct SecretVolume {
  std::string secret_name;
  std::vector<KeyToPath> items;  // empty: all keys
  bool optional = false;

  bool operator==(const SecretVolume&) const = default;
};

struct EmptyDirVolume {
  std::string medium;  // empty: the node's disk; or Memory, which counts against the memory limits
  std::optional<Quantity> size_limit;

  bool operator==(const EmptyDirVolume&) const = default;
};

// Exactly one of the sources is set.
struct Volume {
  std::string name;  // a DNS label
  std::optional<ClaimVolume> persistent_volume_claim;
  std::optional<ConfigMapVolume> config_map;
  std::optional<SecretVolume> secret;
  std::optional<EmptyDirVolume> empty_dir;

  bool operator==(const Volume&) const = default;
};

struct VolumeMount {
  std::string name;  // of one of the Pipeline's volumes
  std::string mount_path;
  std::string sub_path;  // relative; empty: the whole volume
  bool read_only = false;

  bool operator==(const VolumeMount&) const = default;
};

// Starts before the task's container, in the order of the list, and is ended after it. Texts are templates as a task's.
struct Sidecar {
  std::string name;   // a DNS label
  std::string image;  // empty: the workspace's, pinned to the live release's digest
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;
  ContainerResources resources;  // limits.memory is required: the task has what its sidecars leave
  std::vector<VolumeMount> volume_mounts;

  bool operator==(const Sidecar&) const = default;
};

// A node's taint that a tenant's tasks may tolerate.
struct TaintGrant {
  std::string key;
  std::string value;   // empty: any
  std::string effect;  // empty: all

  bool operator==(const TaintGrant&) const = default;
};

}  // namespace atelier::api
