// The rules of the six kinds beyond types, shared by the operator and `atelier lint`. What a CRD's schema refuses is
// refused here as well, because lint has no API server to ask; the rest needs to see a whole object.
#pragma once

#include <string>
#include <vector>

#include "atelier/api/approval.h"
#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/pipeline_run.h"
#include "atelier/api/workspace.h"

namespace atelier::api {

// One finding: where, what is wrong, what would be right.
struct Violation {
  std::string reason;  // CamelCase, as the condition's reason: Cycle, UnknownDependency, DuplicateTask, ...
  std::string path;    // spec.tasks[2].dependsOn[0]
  std::string message;

  std::string to_string() const { return path + ": " + message; }
  bool operator==(const Violation&) const = default;
};
using Violations = std::vector<Violation>;  // empty: valid; in the order of the document

Violations validate(const ApprovalSpec& spec);
Violations validate(const BusinessDomainSpec& spec);
Violations validate(const DataDomainSpec& spec);
Violations validate(const PipelineSpec& spec);
// What is no mistake yet, and likely to become one: shown, and refused nowhere.
Violations warnings(const PipelineSpec& spec);
// `name` is the run's own, empty where the API server is to make one: it becomes a label of pods.
Violations validate(const std::string& name, const PipelineRunSpec& spec);
inline constexpr std::size_t kLongestRunName = 63;
// Parameters of a run against its Pipeline: unknown, missing, of another type, not in the enum, too large together.
Violations validate_params(const PipelineRunSpec& run, const PipelineSpec& pipeline);
// `name` is the Workspace's own: it becomes a folder and a pod name, so it must be a DNS label.
Violations validate(const std::string& name, const WorkspaceSpec& spec);

bool is_dns_label(std::string_view text);    // RFC 1123 label: at most 63 of [a-z0-9-], ends alphanumeric
bool is_object_name(std::string_view text);  // RFC 1123 subdomain, as most objects' names: at most 253, dots as well

}  // namespace atelier::api
