// The rules of what a task's container and its sidecars have alike.
#pragma once

#include <string>
#include <vector>

#include "api/findings.h"
#include "atelier/api/pod_fields.h"

namespace atelier::api {

void check_resources(Findings& found, const ContainerResources& resources, const std::string& path);
void check_mounts(Findings& found, const std::vector<VolumeMount>& mounts, const std::vector<Volume>& volumes,
                  const std::string& path);

// A path below a volume's root.
void relative_path(Findings& found, const std::string& text, const std::string& path);
// An amount of memory or storage.
void bytes(Findings& found, const Quantity& amount, const std::string& path);

}  // namespace atelier::api
