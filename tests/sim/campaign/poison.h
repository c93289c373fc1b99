// Objects that no operator wrote, although they look so: pods with forged labels and the wrong owner, runs whose status
// is absurd. No other run may suffer from them.
#pragma once

#include <cstddef>
#include <string>

#include "sim/sim_loop.h"
#include "sim/world_driver.h"

namespace atelier::sim {

// By the name that all of them begin with.
bool is_poisoned(const std::string& name);

class Poison {
 public:
  // `world` is borrowed, and outlives it.
  explicit Poison(SimWorld& world) : world_(world) {}

  // One more of them, which speaks of `run` or of its Pipeline.
  void add(SimRandom& chance, const nlohmann::json& run);
  // Deletes them all.
  void remove();
  std::size_t pods() const { return pods_; }
  std::size_t runs() const { return runs_; }

 private:
  void add_pod(SimRandom& chance, const nlohmann::json& run);
  void add_run(SimRandom& chance, const nlohmann::json& run);

  SimWorld& world_;
  std::size_t pods_ = 0;
  std::size_t runs_ = 0;
};

}  // namespace atelier::sim
