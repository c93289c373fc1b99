// What to do about a Workspace's long-running containers: pure. They are rolled only after a release is live and status
// says so; until then, and where the API server refuses them, what runs stays as it is.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "reconcile/status_conditions.h"
#include "reconcile/workspace_policy.h"
#include "render/profile.h"

namespace atelier::reconcile {

struct ContainersDecision {
  bool none = false;                    // there are none: no condition either
  std::optional<ConditionWords> words;  // of ContainersAvailable; absent: what is said stays
  std::optional<nlohmann::json> apply;
  bool remove = false;  // the Deployment
  std::optional<WallTime> wake_at;
};

// The input has a domain.
ContainersDecision decide_containers(const WorkspaceInput& input, const render::EffectiveResources& resources);

}  // namespace atelier::reconcile
