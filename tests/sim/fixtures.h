// The objects of the simulated platform, and what its pods do.
#pragma once

#include <nlohmann/json.hpp>

#include "sim/node.h"
#include "sim/world_driver.h"

namespace atelier::sim {

inline const ObjectKey kWorkspace{"team-a", "ws-1"};
inline const ObjectKey kRunKey{"team-a", "diamond-1"};

// A BusinessDomain, a DataDomain and a Workspace whose image is published by the simulated node, and which lets so many
// runs be under way at a time.
void make_platform(SimWorld& world, int parallel = 100);

// a -> b, c -> d -> e. a hands a result to b and d, b a large one to e; c fails at its first attempt.
void make_diamond(SimWorld& world);
void make_run(SimWorld& world, const std::string& name, const nlohmann::json& params = nlohmann::json::object(),
              const std::string& pipeline = "diamond");
void make_pipeline(SimWorld& world, const std::string& name, nlohmann::json spec);

// Empty without such a run, or before it has one.
std::string phase_of(const SimWorld& world, const std::string& run);
bool is_over(const std::string& phase);
bool is_published(const SimWorld& world);

// Answers publish pods as atelier-stage does, and tasks of the diamond.
Script platform_script(const nlohmann::json& pod);

// A run's status without what may differ from one execution to the next: times, versions, the encoded ledger.
nlohmann::json comparable(const nlohmann::json& run);

}  // namespace atelier::sim
