#include <algorithm>
#include <array>
#include <set>

#include "api/container_check.h"
#include "api/pod_check.h"

namespace atelier::api {
namespace {

constexpr const char* kTaskContainer = "task";       // the name of the task's own container
constexpr const char* kResults = "atelier-results";  // the operator's sidecar of a task with large results, its volume
constexpr std::string_view kReserved = "system-";

// What stands on both sides of the "/" of a label's key, and a label's value.
bool is_label_word(std::string_view text) {
  const auto end = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= 63 && end(text.front()) && end(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return end(c) || c == '-' || c == '_' || c == '.'; });
}

bool is_label_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_label_word(text);
  return is_object_name(text.substr(0, slash)) && is_label_word(text.substr(slash + 1));
}

void label_key(Findings& found, const std::string& key, const std::string& path) {
  if (is_label_key(key)) return;
  found.add("InvalidName", path,
            "\"" + key +
                "\" is no key of a label or taint; use at most 63 letters, digits, \"-\", \"_\" and \".\", behind a "
                "domain and \"/\" if there is one");
}

void label_value(Findings& found, const std::string& value, const std::string& path) {
  if (value.empty() || is_label_word(value)) return;
  found.add(
      "InvalidValue", path,
      "\"" + value + "\" is no value of a label or taint; use at most 63 letters, digits, \"-\", \"_\" and \".\"");
}

void priority_class(Findings& found, const std::string& name, const std::string& path) {
  found.reference(name, path, "a PriorityClass");
  if (!name.starts_with(kReserved)) return;
  found.add("InvalidValue", path,
            "\"" + name + "\" is for what keeps the cluster itself alive, and evicts everything else; name another");
}

void toleration(Findings& found, const Toleration& one, const std::string& path) {
  label_key(found, one.key, path + ".key");
  label_value(found, one.value, path + ".value");
  if (one.any_value() && !one.value.empty()) {
    found.add("InvalidValue", path + ".value", "goes with operator Equal only; remove it, or the operator");
  }
  if (one.toleration_seconds && one.effect != "NoExecute") {
    found.add("InvalidValue", path + ".tolerationSeconds", "goes with effect NoExecute only; set that, or remove it");
  }
}

void items(Findings& found, const std::vector<KeyToPath>& items, const std::string& path) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    relative_path(found, items[i].path, at(path, i) + ".path");
    if (!seen.insert(items[i].path).second) {
      found.add("DuplicateName", at(path, i) + ".path",
                "\"" + items[i].path + "\" is there already; give each its own path");
    }
  }
}

void not_the_operators(Findings& found, const std::string& name, const std::string& path) {
  if (name != kResults) return;
  found.add("InvalidName", path, "\"" + name + "\" is the operator's own, for largeResults; choose another");
}

void volume(Findings& found, const Volume& one, const std::string& path) {
  found.dns_label(one.name, path + ".name");
  not_the_operators(found, one.name, path + ".name");
  const int sources = int{one.persistent_volume_claim.has_value()} + int{one.config_map.has_value()} +
                      int{one.secret.has_value()} + int{one.empty_dir.has_value()};
  if (sources != 1) {
    found.add("InvalidValue", path, "should have exactly one of persistentVolumeClaim, configMap, secret and emptyDir");
  }
  if (one.persistent_volume_claim) {
    found.reference(one.persistent_volume_claim->claim_name, path + ".persistentVolumeClaim.claimName",
                    "a PersistentVolumeClaim of this namespace");
  }
  if (one.config_map) {
    found.reference(one.config_map->name, path + ".configMap.name", "a ConfigMap of this namespace");
    items(found, one.config_map->items, path + ".configMap.items");
  }
  if (one.secret) {
    found.reference(one.secret->secret_name, path + ".secret.secretName", "a Secret of this namespace");
    items(found, one.secret->items, path + ".secret.items");
  }
  if (one.empty_dir && one.empty_dir->size_limit) {
    bytes(found, *one.empty_dir->size_limit, path + ".emptyDir.sizeLimit");
  }
}

void sidecars(Findings& found, const Task& task, const std::vector<Volume>& volumes, const std::string& path) {
  found.unique(task.sidecars, path);
  for (std::size_t i = 0; i < task.sidecars.size(); ++i) {
    const Sidecar& one = task.sidecars[i];
    const std::string here = at(path, i);
    found.dns_label(one.name, here + ".name");
    if (one.name == kTaskContainer) {
      found.add("InvalidName", here + ".name", "\"task\" is the container of the task itself; choose another");
    }
    not_the_operators(found, one.name, here + ".name");
    found.env(one.env, here + ".env");
    check_resources(found, one.resources, here + ".resources");
    if (!one.resources.limits.memory) {
      found.add("InvalidValue", here + ".resources.limits.memory",
                "is missing; the task has what its sidecars leave of the workspace's memory, so say how much this one "
                "takes, such as 64Mi");
    }
    check_mounts(found, one.volume_mounts, volumes, here + ".volumeMounts");
  }
}

}  // namespace

void check_volumes(Findings& found, const std::vector<Volume>& volumes, const std::string& path) {
  found.unique(volumes, path);
  for (std::size_t i = 0; i < volumes.size(); ++i) volume(found, volumes[i], at(path, i));
}

void check_pod_fields(Findings& found, const Task& task, const std::vector<Volume>& volumes, const std::string& path) {
  check_resources(found, task.resources, path + ".resources");
  for (const auto& [key, value] : task.node_selector) {
    label_key(found, key, path + ".nodeSelector");
    label_value(found, value, path + ".nodeSelector[\"" + key + "\"]");
  }
  for (std::size_t i = 0; i < task.tolerations.size(); ++i) {
    toleration(found, task.tolerations[i], at(path + ".tolerations", i));
  }
  if (!task.priority_class_name.empty()) {
    priority_class(found, task.priority_class_name, path + ".priorityClassName");
  }
  check_mounts(found, task.volume_mounts, volumes, path + ".volumeMounts");
  sidecars(found, task, volumes, path + ".sidecars");
}

void check_tenant_grants(Findings& found, const BusinessDomainSpec& spec) {
  for (std::size_t i = 0; i < spec.allowed_priority_classes.size(); ++i) {
    priority_class(found, spec.allowed_priority_classes[i], at("spec.allowedPriorityClasses", i));
  }
  for (std::size_t i = 0; i < spec.allowed_tolerations.size(); ++i) {
    const std::string path = at("spec.allowedTolerations", i);
    label_key(found, spec.allowed_tolerations[i].key, path + ".key");
    label_value(found, spec.allowed_tolerations[i].value, path + ".value");
  }
}

}  // namespace atelier::api
