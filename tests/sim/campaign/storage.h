// The domain's storage as publish and sweep pods leave it: whose name it is, which release is live, and which are
// complete.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "sim/node.h"

namespace atelier::sim {

// The release id that an image of this name holds.
std::string release_of_image(const std::string& image);

class Storage {
 public:
  // A publish pod begins: an older publisher than one before it is superseded, and the name may be another's.
  Script publish(const nlohmann::json& pod);
  // It has succeeded: the link points to its release.
  void published(const nlohmann::json& pod);
  // A sweep pod has succeeded: what it was to remove is gone if it was of that Workspace still.
  void swept(const nlohmann::json& pod);

  const std::string& live() const { return live_; }
  bool complete(const std::string& release) const { return complete_.contains(release); }

 private:
  std::string holder_;                           // uid of a Workspace; empty: the name is free
  std::map<std::string, std::uint64_t> newest_;  // by that uid
  std::string live_;
  std::set<std::string> complete_;
};

}  // namespace atelier::sim
