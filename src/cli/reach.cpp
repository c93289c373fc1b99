#include "cli/reach.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "registry/reference.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

// Reasons of which the registry, or the way to it, is the cause.
constexpr std::array<std::string_view, 5> kOfRegistry{
    "RegistryUnauthorized", "RegistryThrottled", "RegistryUnreachable", "RegistryAnswerInvalid", "ImagePullFailed"};

std::optional<std::string> trouble(const api::Workspace& workspace) {
  for (const char* type : {"ImageFollowed", "Ready"}) {
    const meta::Condition* condition = meta::find_condition(workspace.status.conditions, type);
    if (condition == nullptr || condition->status == meta::ConditionStatus::true_) continue;
    if (std::find(kOfRegistry.begin(), kOfRegistry.end(), condition->reason) != kOfRegistry.end()) {
      return condition->message;
    }
  }
  return std::nullopt;
}

std::string named(const std::string& kind, const ObjectKey& key) { return kind + " " + key.to_string(); }

}  // namespace

std::vector<Checked> check_registries(const std::vector<api::Workspace>& workspaces) {
  struct Seen {
    std::size_t answered = 0;
    std::string trouble;  // of the first that has any
    std::string command;
  };
  std::map<std::string, Seen> registries;
  for (const api::Workspace& workspace : workspaces) {
    const auto reference = registry::parse_reference(workspace.spec.image.repository);
    if (!reference) continue;  // its own condition says so
    Seen& seen = registries[reference.value().registry];
    const auto what = trouble(workspace);
    if (!what) {
      seen.answered += workspace.status.release ? 1 : 0;
    } else if (seen.trouble.empty()) {
      seen.trouble = named("Workspace", workspace.metadata.key()) + ": " + *what;
      seen.command = "atelier describe workspace " + workspace.metadata.name;
    }
  }
  std::vector<Checked> out;
  for (const auto& [name, seen] : registries) {
    const std::string registry = "registry " + name;
    if (!seen.trouble.empty()) {
      out.push_back({Verdict::bad, registry + " gives no image to " + seen.trouble, "see: " + seen.command});
    } else if (seen.answered == 0) {
      out.push_back({Verdict::unknown, registry + " has given no image yet", "see: atelier get workspaces -o wide"});
    } else {
      out.push_back({Verdict::good,
                     registry + " gave images to " + std::to_string(seen.answered) + " of the Workspaces here", ""});
    }
  }
  return out;
}

Checked check_airflow(const api::DataDomain& domain) {
  const std::string name = named("DataDomain", domain.metadata.key());
  for (const char* type : {"AirflowEnv", "AirflowCurrent", "AirflowDags"}) {
    const meta::Condition* condition = meta::find_condition(domain.status.conditions, type);
    if (condition == nullptr || condition->status != meta::ConditionStatus::false_) continue;
    return {Verdict::bad, "Airflow of " + name + " lacks what Workspaces give it: " + condition->message,
            "its owner sees: kubectl describe datadomain " + domain.metadata.name + " -n " + domain.metadata.ns};
  }
  if (meta::find_condition(domain.status.conditions, "AirflowEnv") == nullptr) {
    return {Verdict::unknown, "nothing is known yet of Airflow of " + name, "wait until the operator has looked at it"};
  }
  return {Verdict::good, "Airflow of " + name + " has the variables of its Workspaces", ""};
}

Checked check_airflow_workload(const std::string& kind, const ObjectKey& key, const Answer& workload) {
  const std::string name = "Airflow's " + named(kind, key);
  if (!workload) {
    if (workload.error().code == Errc::not_found) {
      return {Verdict::bad, name + " is not there", "correct spec.airflow.restart of the DataDomain"};
    }
    return unseen(name, workload.error());
  }
  const json ready = workload.value().value(json::json_pointer("/status/readyReplicas"), json(0));
  if (!ready.is_number_integer() || ready.get<std::int64_t>() < 1) {
    return {Verdict::bad, name + " has no pod that is ready", "its owner sees: kubectl describe pods -n " + key.ns};
  }
  return {Verdict::good, name + " is up: " + std::to_string(ready.get<std::int64_t>()) + " ready", ""};
}

}  // namespace atelier::cli
