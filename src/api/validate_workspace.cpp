#include <algorithm>

#include "api/findings.h"
#include "api/image_check.h"
#include "atelier/api/airflow_names.h"

namespace atelier::api {
namespace {

void release(Findings& found, const WorkspaceDags& dags) {
  if (!dags.release.empty() && !names_release(dags.release)) {
    found.add(
        "InvalidValue", "spec.dags.release",
        "\"" + dags.release +
            "\" is no release; give an id of status.releases, at least its first 12 digits, or the adopted-<time> of "
            "a folder from before Atelier");
  }
  const auto age = dags.max_release_age;
  if (age && (*age < std::chrono::minutes{10} || *age > std::chrono::hours{24 * 3650})) {
    found.add("InvalidValue", "spec.dags.maxReleaseAge", "should be at least 10m and at most 87600h");
  }
}

void steps(Findings& found, const std::vector<StagingStep>& steps) {
  const std::string path = "spec.initContainers";
  found.unique(steps, path);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const StagingStep& step = steps[i];
    found.dns_label(step.name, at(path, i) + ".name");
    if (step.name.size() > 58) {
      found.add("InvalidName", at(path, i) + ".name", "is too long; use at most 58 characters");
    }
    if (!is_plain_path(step.mount_path)) {
      found.add("InvalidValue", at(path, i) + ".mountPath",
                "\"" + step.mount_path + "\" should be an absolute path below / without \"..\"");
    }
    found.env(step.env, at(path, i) + ".env");
    for (std::size_t j = 0; j < step.env.size(); ++j) {
      if (!step.env[j].value_from) continue;
      found.add("InvalidValue", at(at(path, i) + ".env", j) + ".valueFrom",
                "this step runs in the storage namespace and may read no Secret or ConfigMap; give a value");
    }
  }
}

void checks(Findings& found, const std::vector<WorkspaceCheck>& checks) {
  constexpr std::size_t kMost = 8;
  const std::string path = "spec.dags.checks";
  if (checks.size() > kMost) {
    found.add("InvalidValue", path,
              "has " + std::to_string(checks.size()) + " checks; give at most 8, and combine some");
  }
  found.unique(checks, path);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    found.dns_label(checks[i].name, at(path, i) + ".name");
    if (checks[i].name.size() > 57) {
      found.add("InvalidName", at(path, i) + ".name", "is too long; use at most 57 characters");
    }
  }
}

void airflow(Findings& found, const WorkspaceAirflow& airflow) {
  const std::string path = "spec.airflow.extraEnv";
  if (airflow.extra_env.size() > WorkspaceAirflow::kMostVariables) {
    found.add("InvalidValue", path,
              "has " + std::to_string(airflow.extra_env.size()) + " variables; give at most " +
                  std::to_string(WorkspaceAirflow::kMostVariables));
  }
  found.unique(airflow.extra_env, path);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < airflow.extra_env.size(); ++i) {
    const AirflowVariable& one = airflow.extra_env[i];
    bytes += one.name.size() + one.value.size();
    const std::string why_not = why_not_for_airflow(one.name);
    if (!why_not.empty()) found.add("InvalidName", at(path, i) + ".name", why_not);
    if (!is_airflow_value(one.value)) {
      found.add("InvalidValue", at(path, i) + ".value", "holds a NUL, which no program can be given; remove it");
    }
  }
  if (bytes > WorkspaceAirflow::kMostBytes) {
    found.add("InvalidValue", path,
              "has " + std::to_string(bytes) + " bytes in names and values; give at most " +
                  std::to_string(WorkspaceAirflow::kMostBytes) + ", and keep files in the image");
  }
}

}  // namespace

bool names_release(std::string_view text) {
  constexpr std::string_view kAdopted = "adopted-";
  if (text.starts_with(kAdopted)) {
    return text.size() > kAdopted.size() && text.size() <= 64 &&
           std::all_of(text.begin() + kAdopted.size(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || c == 'T' || c == 'Z' || c == '.'; });
  }
  return text.size() >= 12 && text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Violations validate(const std::string& name, const WorkspaceSpec& spec) {
  Findings found;
  found.dns_label(name, "metadata.name");
  found.reference(spec.data_domain.name, "spec.dataDomain.name", "the DataDomain to publish to");
  if (!spec.data_domain.ns.empty()) found.dns_label(spec.data_domain.ns, "spec.dataDomain.namespace");
  check_image(found, spec.image);
  if (!is_plain_path(spec.dags.path)) {
    found.add("InvalidValue", "spec.dags.path",
              "\"" + spec.dags.path + "\" should be an absolute path in the image, below / and without \"..\"");
  }
  if (spec.dags.include.empty()) {
    found.add("InvalidValue", "spec.dags.include", "is empty, so nothing would be published; \"**\" takes all files");
  }
  release(found, spec.dags);
  checks(found, spec.dags.checks);
  steps(found, spec.init_containers);
  found.unique(spec.containers, "spec.containers");
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    found.dns_label(spec.containers[i].name, at("spec.containers", i) + ".name");
    found.env(spec.containers[i].env, at("spec.containers", i) + ".env");
  }
  found.env(spec.env, "spec.env");
  airflow(found, spec.airflow);
  // Whether there is one of that name, its BusinessDomain knows.
  if (!spec.resources.profile.empty()) found.dns_label(spec.resources.profile, "spec.resources.profile");
  return found.take();
}

}  // namespace atelier::api
