#include "render/pod_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace atelier::render {
namespace {

using nlohmann::json;

constexpr std::int64_t kMebi = 1024 * 1024;

json amounts_json(const api::ResourceAmounts& amounts) {
  json out = json::object();
  if (amounts.cpu) out["cpu"] = format_quantity(*amounts.cpu);
  if (amounts.memory) out["memory"] = format_quantity(*amounts.memory);
  if (amounts.ephemeral_storage) out["ephemeral-storage"] = format_quantity(*amounts.ephemeral_storage);
  return out;
}

json items_json(const std::vector<api::KeyToPath>& items) {
  json out = json::array();
  for (const api::KeyToPath& item : items) out.push_back({{"key", item.key}, {"path", item.path}});
  return out;
}

// Of a ConfigMap or a Secret.
template <class Source>
json keys_json(const char* name, const std::string& value, const Source& from) {
  json out = {{name, value}};
  if (!from.items.empty()) out["items"] = items_json(from.items);
  if (from.optional) out["optional"] = true;
  return out;
}

json volume_json(const api::Volume& volume) {
  json out = {{"name", volume.name}};
  if (volume.persistent_volume_claim) {
    json& claim = out["persistentVolumeClaim"] = {{"claimName", volume.persistent_volume_claim->claim_name}};
    if (volume.persistent_volume_claim->read_only) claim["readOnly"] = true;
  } else if (volume.config_map) {
    out["configMap"] = keys_json("name", volume.config_map->name, *volume.config_map);
  } else if (volume.secret) {
    out["secret"] = keys_json("secretName", volume.secret->secret_name, *volume.secret);
  } else if (volume.empty_dir) {
    json& folder = out["emptyDir"] = json::object();
    if (!volume.empty_dir->medium.empty()) folder["medium"] = volume.empty_dir->medium;
    if (volume.empty_dir->size_limit) folder["sizeLimit"] = format_quantity(*volume.empty_dir->size_limit);
  }
  return out;
}

json tolerations_json(const std::vector<api::Toleration>& tolerations) {
  json out = json::array();
  for (const api::Toleration& from : tolerations) {
    json one = {{"key", from.key}, {"operator", from.any_value() ? "Exists" : "Equal"}};
    if (!from.value.empty()) one["value"] = from.value;
    if (!from.effect.empty()) one["effect"] = from.effect;
    if (from.toleration_seconds) one["tolerationSeconds"] = *from.toleration_seconds;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

std::int64_t memory_left(const api::Task& task, std::int64_t memory_mb) {
  std::int64_t left = std::min(memory_mb, std::numeric_limits<std::int64_t>::max() / kMebi) * kMebi;
  if (task.large_results) left -= kResultsMebi * kMebi;
  for (const api::Sidecar& sidecar : task.sidecars) {
    if (left < 0) break;
    left -= sidecar.resources.limits.memory.value_or(api::Quantity{}).whole;
  }
  return left;
}

json resources_json(const api::ContainerResources& resources) {
  json out = json::object();
  if (json requests = amounts_json(resources.requests); !requests.empty()) out["requests"] = std::move(requests);
  if (json limits = amounts_json(resources.limits); !limits.empty()) out["limits"] = std::move(limits);
  return out;
}

json task_resources_json(const api::Task& task, std::int64_t memory_mb, std::int64_t out_of_memory) {
  json out = resources_json(task.resources);
  json& limits = out["limits"];
  if (task.resources.limits.memory && out_of_memory > 0) {
    const double wanted = static_cast<double>(task.resources.limits.memory->whole) *
                          std::pow(task.retry.memory_factor, static_cast<double>(out_of_memory));
    const auto most = static_cast<double>(std::max<std::int64_t>(memory_left(task, memory_mb), 0));
    const std::int64_t mebis = static_cast<std::int64_t>(std::min(wanted, most)) / kMebi;
    if (mebis * kMebi > task.resources.limits.memory->whole) limits["memory"] = std::to_string(mebis) + "Mi";
  }
  if (!task.resources.limits.memory) limits["memory"] = std::to_string(memory_left(task, memory_mb) / kMebi) + "Mi";
  if (!task.resources.requests.memory) out["requests"]["memory"] = out["limits"]["memory"];
  return out;
}

json mounts_json(const std::vector<api::VolumeMount>& mounts) {
  json out = json::array();
  for (const api::VolumeMount& from : mounts) {
    json one = {{"name", from.name}, {"mountPath", from.mount_path}};
    if (!from.sub_path.empty()) one["subPath"] = from.sub_path;
    if (from.read_only) one["readOnly"] = true;
    out.push_back(std::move(one));
  }
  return out;
}

void add_pod_fields(json& spec, const api::Task& task, const api::PipelineSpec& pipeline) {
  std::set<std::string> mounted;
  for (const api::VolumeMount& mount : task.volume_mounts) mounted.insert(mount.name);
  for (const api::Sidecar& sidecar : task.sidecars) {
    for (const api::VolumeMount& mount : sidecar.volume_mounts) mounted.insert(mount.name);
  }
  for (const api::Volume& volume : pipeline.volumes) {
    if (mounted.contains(volume.name)) spec["volumes"].push_back(volume_json(volume));
  }
  if (pipeline.fs_group) {
    spec["securityContext"]["fsGroup"] = *pipeline.fs_group;
    spec["securityContext"]["fsGroupChangePolicy"] = "OnRootMismatch";
  }
  if (!task.node_selector.empty()) spec["nodeSelector"] = task.node_selector;
  if (!task.tolerations.empty()) spec["tolerations"] = tolerations_json(task.tolerations);
  if (!task.priority_class_name.empty()) spec["priorityClassName"] = task.priority_class_name;
}

}  // namespace atelier::render
