// The task graph of a Pipeline as it is written, whether or not it is one.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/api/pipeline.h"

namespace atelier::api {

// Borrows the spec, without its `finally`. Of tasks with the same name the first counts.
class GraphCheck {
 public:
  explicit GraphCheck(const PipelineSpec& spec);

  bool has(std::string_view name) const { return tasks_.contains(name); }
  // Null if there is none.
  const Task* find(std::string_view name) const;
  // By its name in expressions.
  const Task* find_identifier(std::string_view identifier) const;
  std::string names() const;  // the first few, for a message

  // Whether `task` waits for `other`, directly or through others.
  bool waits_for(std::string_view task, std::string_view other) const;

  // Names along one cycle, the first again at its end; empty if there is none.
  std::vector<std::string> cycle() const;

 private:
  using Places = std::vector<bool>;  // of tasks, by their place in order_

  void sort();

  std::map<std::string, std::size_t, std::less<>> tasks_;        // by name
  std::map<std::string, std::size_t, std::less<>> identifiers_;  // by name in expressions
  std::vector<const Task*> order_;                               // as written
  std::vector<std::vector<std::size_t>> needs_;                  // of each, known tasks, each once
  std::vector<Places> before_;                                   // of each, those that it waits for
  std::vector<std::size_t> left_;                                // on a cycle or behind one
};

}  // namespace atelier::api
