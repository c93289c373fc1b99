// The image of a Workspace: a tag, a digest, or a rule by which tags are followed.
#pragma once

#include "atelier/api/shared_types.h"

namespace atelier::api {

// Which tag of the repository is deployed, as the registry's tags come and go.
struct ImageFollow {
  std::string tag;      // exactly one of tag, semver and pattern: a tag that moves
  std::string semver;   // see VersionRange: the newest version in it
  std::string pattern;  // see TagPattern: the tag with the greatest group
  Millis interval = std::chrono::minutes{5};
  bool suspend = false;                       // what was chosen stays, and the registry is not asked
  std::optional<LocalReference> credentials;  // a Secret of type kubernetes.io/dockerconfigjson in its namespace

  bool operator==(const ImageFollow&) const = default;
};

struct WorkspaceImage {
  std::string repository;                    // without tag or digest
  std::string tag;                           // exactly one of tag, digest and follow
  std::string digest;                        // sha256:<64 hex digits>
  std::optional<ImageFollow> follow;         // then status.image says which
  std::string pull_policy = "IfNotPresent";  // Always, IfNotPresent or Never
  std::vector<LocalReference> pull_secrets;  // in the workspace's namespace

  // REQUIRES a tag or a digest; see deployed_image().
  std::string reference() const { return digest.empty() ? repository + ":" + tag : repository + "@" + digest; }
  bool operator==(const WorkspaceImage&) const = default;
};

}  // namespace atelier::api
