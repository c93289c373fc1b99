// The task graph of a Pipeline as it is written, whether or not it is one.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/pipeline.h"

namespace atelier::api {

// Borrows the spec, without its `finally`. Of tasks with the same name the first counts.
class GraphCheck {
 public:
  explicit GraphCheck(const PipelineSpec& spec);

  bool has(const std::string& name) const { return tasks_.contains(name); }
  const Task* find(const std::string& name) const;
  std::string names() const;  // the first few, for a message

  // The tasks that `task` waits for, directly or through others.
  std::set<std::string> before(const std::string& task) const;

  // Names along one cycle, the first again at its end; empty if there is none.
  std::vector<std::string> cycle() const;

 private:
  std::map<std::string, const Task*> tasks_;
  std::vector<const Task*> order_;
};

}  // namespace atelier::api
