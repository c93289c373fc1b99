// The domain's storage as publish pods leave it: which release is live, and which was ever complete.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "sim/node.h"

namespace atelier::sim {

// The release id that an image of this name holds.
std::string release_of_image(const std::string& image);

class Storage {
 public:
  // A publish pod begins: an older publisher than one before it is superseded.
  Script publish(const nlohmann::json& pod);
  // It has succeeded: the link points to its release.
  void published(const nlohmann::json& pod);

  const std::string& live() const { return live_; }
  bool complete(const std::string& release) const { return complete_.contains(release); }

 private:
  std::uint64_t newest_ = 0;
  std::string live_;
  std::set<std::string> complete_;
};

}  // namespace atelier::sim
