// The rules of the pod fields of a Pipeline.
#pragma once

#include <string>

#include "api/findings.h"
#include "atelier/api/pipeline.h"

namespace atelier::api {

// `path` is that of what is checked, such as "spec.tasks[2]".
void check_volumes(Findings& found, const std::vector<Volume>& volumes, const std::string& path);
void check_pod_fields(Findings& found, const Task& task, const std::vector<Volume>& volumes, const std::string& path);
void check_tenant_grants(Findings& found, const BusinessDomainSpec& spec);

}  // namespace atelier::api
