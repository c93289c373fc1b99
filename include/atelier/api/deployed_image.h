// Which image a Workspace deploys, and how the one that it follows is chosen. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/api/workspace.h"

namespace atelier::api {

struct DeployedImage {
  std::string name;       // as people call it: repository:tag, or with a digest where the spec gives one
  std::string reference;  // what nodes pull
  std::string pinned;     // the same with its digest; empty where only the kubelet will know it

  bool operator==(const DeployedImage&) const = default;
};

// The spec's, or what was chosen for it. Absent: it follows, and nothing was chosen yet from this repository by this
// rule; a suspended one keeps what any rule chose.
std::optional<DeployedImage> deployed_image(const Workspace& workspace);

// What was chosen, where it is what the spec asks for now; null otherwise.
const ChosenImage* chosen_image(const Workspace& workspace);

// For people and for equality: `semver "^1.2"`.
std::string rule_of(const ImageFollow& follow);

// By semver or pattern, which are valid; absent where no tag is of that kind. Of equal versions and groups the shorter
// tag is chosen, then the greater text.
std::optional<std::string> choose_tag(const ImageFollow& follow, const std::vector<std::string>& tags);

bool is_image_digest(std::string_view text);  // sha256:<64 hex digits>
bool is_image_tag(std::string_view text);

}  // namespace atelier::api
