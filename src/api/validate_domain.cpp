#include "api/findings.h"
#include "api/image_check.h"
#include "api/pod_check.h"
#include "api/tenancy_check.h"
#include "atelier/api/airflow_names.h"

namespace atelier::api {

namespace {

void profiles(Findings& found, const BusinessDomainSpec& spec) {
  const std::string path = "spec.profiles";
  if (spec.profiles.size() > Profile::kMost) {
    found.add("InvalidValue", path, "are too many; give at most " + std::to_string(Profile::kMost));
  }
  found.unique(spec.profiles, path);
  std::string names;
  bool known = spec.default_profile.empty() || find_seed_profile(spec.default_profile) != nullptr;
  for (std::size_t i = 0; i < spec.profiles.size(); ++i) {
    const std::string& name = spec.profiles[i].name;
    found.dns_label(name, at(path, i) + ".name");
    known = known || name == spec.default_profile;
    names += name + ", ";
  }
  if (known) return;
  found.add("UnknownProfile", "spec.defaultProfile",
            "\"" + spec.default_profile + "\" is no profile; there are " + names +
                "tiny, small, medium and large, and spec.profiles can have more");
}

void workloads(Findings& found, const std::vector<std::string>& names, const std::string& path,
               const std::string& what) {
  if (names.size() > AirflowRestart::kMost) {
    found.add("InvalidValue", path, "are too many; give at most " + std::to_string(AirflowRestart::kMost));
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    found.reference(names[i], at(path, i), what);
    if (!seen.insert(names[i]).second) {
      found.add("DuplicateName", at(path, i), "\"" + names[i] + "\" is there already; remove it");
    }
  }
}

// Airflow's own folders and what the container has beside them stay apart.
bool may_hold_dags(const std::string& path) {
  const auto within = [&](const std::string& folder) { return path == folder || path.starts_with(folder + "/"); };
  return is_plain_path(path) && !within("/tmp") && !within("/dag-ids") && !within("/proc") && !within("/dev") &&
         !within("/sys");
}

void dag_ids(Findings& found, const DomainAirflow& airflow) {
  if (!airflow.image.empty()) check_image_name(found, airflow.image, "spec.airflow.image");
  if (airflow.dags_path.empty() || may_hold_dags(airflow.dags_path)) return;
  found.add("InvalidValue", "spec.airflow.dagsPath",
            "\"" + airflow.dags_path +
                "\" should be an absolute path without \"..\", and not in /tmp, /dag-ids, /proc, /dev or /sys");
}

void airflow(Findings& found, const DomainAirflow& airflow) {
  dag_ids(found, airflow);
  const std::string path = "spec.airflow.restart";
  workloads(found, airflow.restart.deployments, path + ".deployments", "a Deployment of this namespace");
  workloads(found, airflow.restart.stateful_sets, path + ".statefulSets", "a StatefulSet of this namespace");
  const auto interval = airflow.restart.min_interval;
  if (interval && (*interval < std::chrono::seconds{10} || *interval > std::chrono::hours{24})) {
    found.add("InvalidValue", path + ".minInterval", "should be at least 10s and at most 24h");
  }
  const std::string prefixes = "spec.airflow.allowedPrefixes";
  if (airflow.allowed_prefixes.size() > DomainAirflow::kMostPrefixes) {
    found.add("InvalidValue", prefixes, "are too many; give at most " + std::to_string(DomainAirflow::kMostPrefixes));
  }
  for (std::size_t i = 0; i < airflow.allowed_prefixes.size(); ++i) {
    if (is_airflow_name(airflow.allowed_prefixes[i])) continue;
    found.add("InvalidValue", at(prefixes, i),
              "\"" + airflow.allowed_prefixes[i] +
                  "\" begins no variable's name; use letters, digits and \"_\", beginning with a letter, such as HD_");
  }
}

}  // namespace

Violations validate(const BusinessDomainSpec& spec) {
  Findings found;
  found.namespaces(spec.namespaces, "spec.namespaces");
  profiles(found, spec);
  check_tenant_grants(found, spec);
  check_tenancy(found, spec);
  return found.take();
}

Violations validate(const DataDomainSpec& spec) {
  Findings found;
  found.dns_label(spec.key, "spec.key");
  found.reference(spec.business_domain.name, "spec.businessDomain.name", "the BusinessDomain it belongs to");
  found.reference(spec.storage.claim_name, "spec.storage.claimName", "a PersistentVolumeClaim of this namespace");
  found.namespaces(spec.workspace_namespaces, "spec.workspaceNamespaces");
  found.pull_secrets(spec.pull_secrets, "spec.pullSecrets");
  if (spec.airflow) airflow(found, *spec.airflow);
  return found.take();
}

}  // namespace atelier::api
