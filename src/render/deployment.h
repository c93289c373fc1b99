// A workspace's long-running containers: one Deployment in the workspace's own namespace.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "render/profile.h"

namespace atelier::render {

// REQUIRES a live release and at least one container. Its annotation kInputHash covers the whole content, so two
// equal hashes need no write.
nlohmann::json deployment(const api::Workspace& workspace, const api::DataDomain& domain,
                          const EffectiveResources& resources);

}  // namespace atelier::render
