// Pipelines of all shapes, drawn from a seed, whose tasks say in their own commands how they fare: so how a run of one
// must end does not depend on when things happen, nor on what the cluster does to its pods.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/node.h"
#include "sim/sim_loop.h"

namespace atelier::sim {

// The spec of a Pipeline: a chain, a fan, any graph, a fan-out of items or of a result, or a crowd; with retries,
// tasks that fail for good, timeouts, conditions, dependencies on how others ended, large results, results of
// items, a question to people
// that the name of its task answers, and `finally`.
nlohmann::json mixed_pipeline(SimRandom& chance, const std::string& workspace);

// What a task's pod does when so many of its attempts have ended by themselves, without success.
Script script_of_task(const nlohmann::json& pod, int failures);

// As an oracle needs a task.
struct DeclaredTask {
  std::vector<std::string> depends_on;
  bool conditional = false;
  bool fan_out = false;
  bool finally = false;
  bool approval = false;
  bool large = false;
  std::string rows;  // its result
};

std::map<std::string, DeclaredTask> declared_tasks(const nlohmann::json& spec);

}  // namespace atelier::sim
