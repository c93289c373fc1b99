// The task graph of a plan, by positions in the plan.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/pipeline.h"

namespace atelier::engine {

// Borrows the tasks. Made of any plan; what follows from it needs problem() to be empty.
class Graph {
 public:
  explicit Graph(const std::vector<api::Task>& tasks);

  // Why the plan is no graph, in a sentence; empty if it is one.
  const std::string& problem() const { return problem_; }

  // Tasks, each after those it depends on; otherwise as written.
  const std::vector<const api::Task*>& order() const { return order_; }
  const api::Task* find(const std::string& name) const;
  // Names of the results of `task` that other tasks use.
  const std::set<std::string>& consumed(const std::string& task) const;

 private:
  void sort(const std::vector<api::Task>& tasks);
  void find_consumed(const std::vector<api::Task>& tasks);

  std::map<std::string, const api::Task*> tasks_;
  std::vector<const api::Task*> order_;
  std::map<std::string, std::set<std::string>> consumed_;
  std::string problem_;
};

// The texts of a task in which ${…} is replaced.
std::vector<const std::string*> templates_of(const api::Task& task);

}  // namespace atelier::engine
