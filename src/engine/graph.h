// A plan made ready to be executed: its tasks in order, what each reads, and its expressions compiled.
#pragma once

#include <cstddef>
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
  struct Need {
    std::size_t node = 0;
    api::Ending on = api::Ending::fine;
  };

  const api::Task* task = nullptr;
  std::size_t index = 0;               // in Graph::order()
  bool last = false;                   // one of `finally`
  std::vector<Need> needs;             // each predecessor once
  std::vector<std::size_t> inputs;     // tasks whose results it inserts
  std::vector<std::size_t> reads;      // those, and tasks that its texts or expressions know: they end before it starts
  std::vector<std::size_t> followers;  // tasks with this one among their needs or reads
  std::set<std::string> consumed;      // names of its results that others use
  std::optional<cel::Expression> when, retry_when, in;
  std::map<std::string, cel::Expression> inserted;  // expressions in its texts, by their source
};

// Borrows the spec. Made of any; what follows from it needs problem() to be empty.
class Graph {
 public:
  explicit Graph(const api::PipelineSpec& spec);

  // Why the plan is no graph, in a sentence; empty if it is one.
  const std::string& problem() const { return problem_; }

  const api::PipelineSpec& spec() const { return *spec_; }
  // Tasks, each after those it depends on, otherwise as written; those of `finally` at the end.
  const std::vector<Node>& order() const { return order_; }
  // All of them as written: positions in order(); of two with one name the first.
  const std::vector<std::size_t>& written() const { return written_; }
  // Null if there is none.
  const Node* find(const std::string& task) const;

 private:
  void add(const api::Task& task, bool last);
  void sort();
  void read(Node& node);
  void read_texts(Node& node);
  void read_expression(Node& node, const cel::Expression& expression);
  void compile(Node& node);
  std::optional<cel::Expression> condition(const api::Task& task, const std::string& text,
                                           const cel::Variables& variables);
  const cel::Variables& variables_of(const Node& node);
  void note_read(Node& node, const std::string& task, bool as_input);
  void blame(const api::Task& task, const std::string& words);

  const api::PipelineSpec* spec_;
  std::vector<Node> order_;
  std::vector<std::size_t> written_;
  std::map<std::string, std::size_t> by_name_;
  std::map<std::string, std::size_t> by_identifier_;  // of those that expressions can know
  std::optional<cel::Variables> of_tasks_, of_finally_;
  std::string problem_;
};

// The texts of a task and its sidecars in which ${…} is replaced.
std::vector<const std::string*> templates_of(const api::Task& task);

}  // namespace atelier::engine
