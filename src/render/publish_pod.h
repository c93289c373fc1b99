// The pods that touch domain storage: publish (one at a time per workspace) and sweep (per DataDomain).
//
// Both run in the storage namespace as the storage's owner, without a service account token and without any
// reference to a Secret, ConfigMap or volume but the storage. The team's image never has the storage mounted.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"

namespace atelier::render {

// The names of the publish pod's steps, as statuses report them.
inline constexpr const char* kStepTools = "tools";
inline constexpr const char* kStepStage = "stage";
inline constexpr const char* kStepCheck = "check";
inline constexpr const char* kStepPublish = "publish";
inline constexpr const char* kTeamStepPrefix = "step-";
inline constexpr const char* kTeamCheckPrefix = "check-";

// Annotation: a hash of the rendered pod's spec, by which a pod that waits is told from one that may do better.
inline constexpr const char* kPodHash = "atelier.dev/pod-hash";

// SHA-256 over everything that decides what gets published and where; equal hash, equal outcome. Like the pod below it
// needs an image, see api::deployed_image(), or spec.dags.release.
std::string publish_input_hash(const api::Workspace& workspace, const api::DataDomain& domain);

// `stage_image` holds the static /atelier-stage.
nlohmann::json publish_pod(const api::Workspace& workspace, const api::DataDomain& domain,
                           const std::string& stage_image);

nlohmann::json sweep_pod(const api::DataDomain& domain, const std::vector<api::StorageClaim>& orphans,
                         const std::string& stage_image);

// The pod for this node only; empty: for any. Its hash is the same: a pod that waits is not replaced for another node.
nlohmann::json on_node(nlohmann::json pod, const std::string& node);

// <datadomain>/dags/<workspace>, on the storage and in the staging area alike.
std::string storage_location(const api::DataDomain& domain, const std::string& workspace);

}  // namespace atelier::render
