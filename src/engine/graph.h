// The task graph of a plan.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/dependency.h"
#include "atelier/api/pipeline.h"
#include "atelier/cel/expression.h"

namespace atelier::engine {

struct Node {
  const api::Task* task = nullptr;
  std::vector<api::Dependency> needs;  // each predecessor once
  std::set<std::string> inputs;        // tasks whose results it inserts
  std::set<std::string> reads;         // those, and tasks that its texts or its `when` know: they end before it starts
  std::optional<cel::Expression> when;
  std::optional<cel::Expression> retry_when;
  bool last = false;  // one of `finally`
};

// Borrows the spec. Made of any; what follows from it needs problem() to be empty.
class Graph {
 public:
  explicit Graph(const api::PipelineSpec& spec);

  // Why the plan is no graph, in a sentence; empty if it is one.
  const std::string& problem() const { return problem_; }

  // Tasks, each after those it depends on, otherwise as written; those of `finally` at the end.
  const std::vector<Node>& order() const { return order_; }
  // All of them as written, whether or not they are a graph; of two with one name the first.
  const std::vector<const Node*>& written() const { return written_; }
  bool has(const std::string& task) const { return nodes_.contains(task); }
  const api::Task* find(const std::string& task) const;
  // Names of the results of `task` that other tasks use.
  const std::set<std::string>& consumed(const std::string& task) const;

 private:
  void add(const api::Task& task, bool last);
  void read_texts(Node& node);
  void read_conditions(const api::PipelineSpec& spec);
  std::optional<cel::Expression> condition(const api::Task& task, const std::string& text,
                                           const cel::Variables& variables);
  void sort();

  std::map<std::string, Node> nodes_;
  std::vector<const Node*> written_;
  std::vector<Node> order_;
  std::map<std::string, std::set<std::string>> consumed_;
  std::string problem_;
};

// The texts of a task and its sidecars in which ${…} is replaced.
std::vector<const std::string*> templates_of(const api::Task& task);

}  // namespace atelier::engine
