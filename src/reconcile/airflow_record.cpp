#include "reconcile/airflow_record.h"

#include <algorithm>

#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

const json& at(const json& object, const char* path) {
  static const json kNone;
  const json::json_pointer pointer(path);
  return object.contains(pointer) ? object.at(pointer) : kNone;
}

std::string text(const json& object, const char* path) {
  const json& found = at(object, path);
  return found.is_string() ? found.get<std::string>() : "";
}

std::int64_t number(const json& object, const char* path, std::int64_t otherwise = 0) {
  const json& found = at(object, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : otherwise;
}

template <class Holds>
bool any_of(const json& list, Holds holds) {
  return list.is_array() && std::any_of(list.begin(), list.end(), holds);
}

bool takes(const json& container, const std::string& config_map) {
  return any_of(at(container, "/envFrom"),
                [&](const json& from) { return text(from, "/configMapRef/name") == config_map; }) ||
         any_of(at(container, "/env"),
                [&](const json& one) { return text(one, "/valueFrom/configMapKeyRef/name") == config_map; });
}

// As kubectl rollout status has it.
bool is_rolled_out(const json& workload) {
  const std::int64_t wanted = number(workload, "/spec/replicas", 1);
  if (number(workload, "/status/observedGeneration") < number(workload, "/metadata/generation")) return false;
  if (text(workload, "/kind") == "StatefulSet") {
    return number(workload, "/status/readyReplicas") == wanted &&
           text(workload, "/status/currentRevision") == text(workload, "/status/updateRevision");
  }
  return number(workload, "/status/updatedReplicas") == wanted && number(workload, "/status/replicas") == wanted &&
         number(workload, "/status/availableReplicas") == wanted;
}

}  // namespace

EnvMapRecord env_map_record(const json& config_map) {
  EnvMapRecord out;
  out.uid = Uid{text(config_map, "/metadata/uid")};
  out.resource_version = text(config_map, "/metadata/resourceVersion");
  out.deleting = !at(config_map, "/metadata/deletionTimestamp").is_null();
  for (const json& owner : config_map.value(json::json_pointer("/metadata/ownerReferences"), json::array())) {
    if (owner.value("controller", false)) out.owner = Uid{text(owner, "/uid")};
  }
  const auto part = [&](const char* path) {
    return at(config_map, path).is_object() ? at(config_map, path) : json::object();
  };
  out.content = {{"labels", part("/metadata/labels")}, {"data", part("/data")}, {"binaryData", part("/binaryData")}};
  return out;
}

WorkloadRecord workload_record(const json& workload, const std::string& config_map) {
  WorkloadRecord out;
  out.uid = Uid{text(workload, "/metadata/uid")};
  out.takes_env = any_of(at(workload, "/spec/template/spec/containers"),
                         [&](const json& container) { return takes(container, config_map); });
  const json annotations = workload.value(json::json_pointer("/spec/template/metadata/annotations"), json::object());
  if (annotations.is_object()) out.env_hash = annotations.value(render::kAirflowEnvHash, "");
  out.rolled_out = is_rolled_out(workload);
  return out;
}

}  // namespace atelier::reconcile
