#include "reconcile/airflow_record.h"

#include <algorithm>
#include <set>

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
  const auto as_a_whole = [&](const json& from) {
    return text(from, "/configMapRef/name") == config_map && text(from, "/prefix").empty();
  };
  return any_of(at(container, "/envFrom"), as_a_whole) || any_of(at(container, "/env"), [&](const json& one) {
           return text(one, "/valueFrom/configMapKeyRef/name") == config_map;
         });
}

struct Rollout {
  explicit Rollout(const json& workload)
      : stateful(text(workload, "/kind") == "StatefulSet"),
        wanted(number(workload, "/spec/replicas", 1)),
        present(number(workload, "/status/replicas")),
        updated(number(workload, "/status/updatedReplicas")),
        ready(number(workload, stateful ? "/status/readyReplicas" : "/status/availableReplicas")),
        observed(number(workload, "/status/observedGeneration") >= number(workload, "/metadata/generation")),
        same_revision(text(workload, "/status/currentRevision") == text(workload, "/status/updateRevision")) {}

  bool all_updated() const {
    return stateful ? same_revision || updated == wanted : updated == wanted && present == wanted;
  }
  bool done() const { return observed && all_updated() && ready == wanted; }
  bool under_way() const { return !observed || (stateful ? !same_revision && updated < present : updated < present); }

  bool stateful;
  std::int64_t wanted;
  std::int64_t present;
  std::int64_t updated;
  std::int64_t ready;
  bool observed;
  bool same_revision;
};

std::string held(const json& workload) {
  if (at(workload, "/spec/paused") == json(true)) return "it is paused";
  if (text(workload, "/spec/updateStrategy/type") == "OnDelete") return "its updateStrategy is OnDelete";
  if (number(workload, "/spec/updateStrategy/rollingUpdate/partition") > 0) return "its updateStrategy has a partition";
  return "";
}

// "a//b/./c/" is a/b/c. The API server lets no ".." pass.
std::string normal(const std::string& path) {
  std::string out;
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    const std::string part = path.substr(from, end - from);
    if (!part.empty() && part != ".") out += (out.empty() ? "" : "/") + part;
    from = end + 1;
  }
  return out;
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
  out.resource_version = text(workload, "/metadata/resourceVersion");
  for (const json& one : workload.value(json::json_pointer("/spec/template/spec/containers"), json::array())) {
    if (takes(one, config_map)) {
      out.takes_env = true;
    } else {
      out.lacking.push_back(text(one, "/name"));
    }
  }
  const json annotations = workload.value(json::json_pointer("/spec/template/metadata/annotations"), json::object());
  if (annotations.is_object()) out.env_hash = annotations.value(render::kAirflowEnvHash, "");
  const Rollout rollout(workload);
  out.rolled_out = rollout.done();
  out.held = held(workload);
  out.rolling = out.held.empty() && rollout.under_way();
  return out;
}

DagMounts dag_mounts(const json& workload, const api::DataDomainSpec& domain) {
  const json& pod = at(workload, "/spec/template/spec");
  std::set<std::string> volumes;
  if (const json& all = at(pod, "/volumes"); all.is_array()) {
    for (const json& one : all) {
      if (text(one, "/persistentVolumeClaim/claimName") == domain.storage.claim_name)
        volumes.insert(text(one, "/name"));
    }
  }
  const std::string dags = domain.key + "/dags";
  DagMounts out;
  for (const char* list : {"/initContainers", "/containers"}) {
    if (!at(pod, list).is_array()) continue;
    for (const json& container : at(pod, list)) {
      if (!at(container, "/volumeMounts").is_array()) continue;
      for (const json& mount : at(container, "/volumeMounts")) {
        if (!volumes.contains(text(mount, "/name"))) continue;
        out.any = true;
        const std::string path = normal(text(mount, "/subPath"));
        if (path != dags && !path.starts_with(dags + "/")) continue;
        out.dangling.push_back("container \"" + text(container, "/name") + "\" mounts its subPath " + path);
      }
    }
  }
  return out;
}

}  // namespace atelier::reconcile
