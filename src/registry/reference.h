// Names of images, as a pod writes them and as a registry knows them.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "registry/origin.h"
#include "registry/settings.h"

namespace atelier::registry {

struct Reference {
  std::string registry;  // "registry.local:5000"; "docker.io" if none was written
  std::string name;      // there: "team/app"; "library/nginx" for Docker Hub's "nginx"

  bool operator==(const Reference&) const = default;
  std::string text() const { return registry + "/" + name; }
};

// A repository without tag and digest. Error: invalid.
Result<Reference> parse_reference(std::string_view repository);

// Where a registry answers: docker.io is registry-1.docker.io, as containerd has it.
Origin origin_of(const Reference& reference, const Settings& settings);

bool is_tag(std::string_view text);     // up to 128 letters, digits, "_", "." and "-", the last two not in front
bool is_digest(std::string_view text);  // sha256:<64 lower-case hex digits>

}  // namespace atelier::registry
