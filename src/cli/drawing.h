// A task graph for people: rails in a terminal, dot, or SVG. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "cli/terminal.h"

namespace atelier::cli {

struct DrawnTask {
  std::string name;
  std::string label;               // what is special about it
  std::string state;               // of a run; empty: none
  std::string reason;              // of that state
  std::vector<std::size_t> after;  // tasks before it in the list
  bool last = false;               // one of `finally`
};

// Tasks in an order in which each comes after those it waits for. `status` may be null. Error: invalid, saying why the
// spec is no graph.
Result<std::vector<DrawnTask>> drawn_tasks(const api::PipelineSpec& spec, const api::PipelineRunStatus* status);

// One task a line, beside rails that lead from each to those that follow it; where they are too many, only names.
std::string rails(const std::vector<DrawnTask>& tasks, const Terminal& terminal);
std::string dot(const std::vector<DrawnTask>& tasks, const std::string& title);
std::string svg(const std::vector<DrawnTask>& tasks, const std::string& title);

}  // namespace atelier::cli
