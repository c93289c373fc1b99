// People who are asked, and say what the name of the task tells: "approve", "reject"; of any other, nothing.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/world_driver.h"

namespace atelier::sim {

class Approvers {
 public:
  // `world` is borrowed, and outlives it.
  Approvers(SimWorld& world, std::uint64_t seed);

 private:
  void heard(const Change& change);
  void say(const std::string& run, const std::string& uid, const std::string& task);

  SimWorld& world_;
  SimRandom chance_;
  std::set<std::string> asked_;  // uid of the run and task
  std::vector<std::unique_ptr<Timer>> answers_;
};

}  // namespace atelier::sim
