// The rules of images: a Workspace's and what it follows, and one that is named in a word.
#pragma once

#include "api/findings.h"
#include "atelier/api/workspace.h"

namespace atelier::api {

void check_image(Findings& found, const WorkspaceImage& image);

// registry/name:tag, registry/name@sha256:..., or both.
void check_image_name(Findings& found, const std::string& image, const std::string& path);

}  // namespace atelier::api
