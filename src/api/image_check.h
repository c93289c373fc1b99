// The rules of a Workspace's image and of what it follows.
#pragma once

#include "api/findings.h"
#include "atelier/api/workspace.h"

namespace atelier::api {

void check_image(Findings& found, const WorkspaceImage& image);

}  // namespace atelier::api
