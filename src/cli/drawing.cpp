#include "cli/drawing.h"

#include <algorithm>
#include <set>

#include "atelier/api/dependency.h"
#include "cli/why.h"
#include "engine/graph.h"

namespace atelier::cli {
namespace {

std::string label_of(const api::Task& task) {
  std::string out;
  const auto add = [&](const std::string& words) { out += (out.empty() ? "" : ", ") + words; };
  if (task.approval) add("approval by " + std::to_string(task.approval->count));
  if (task.for_each) {
    add(task.for_each->items.empty() ? "for each of " + task.for_each->in
                                     : "for each of " + std::to_string(task.for_each->items.size()) + " items");
  }
  for (const std::string& text : task.depends_on) {
    const auto dependency = api::parse_dependency(text);
    if (dependency && dependency.value().on != api::Ending::fine) add("after " + text);
  }
  if (!task.when.empty()) add("when " + task.when);
  return out;
}

}  // namespace

Result<std::vector<DrawnTask>> drawn_tasks(const api::PipelineSpec& spec, const api::PipelineRunStatus* status) {
  const engine::Graph graph{spec};
  if (!graph.problem().empty()) return invalid("the pipeline is no graph: " + graph.problem());
  std::vector<DrawnTask> out;
  for (const engine::Node& node : graph.order()) {
    DrawnTask task;
    task.name = node.task->name;
    task.label = label_of(*node.task);
    task.last = node.last;
    std::set<std::size_t> before(node.reads.begin(), node.reads.end());
    for (const engine::Node::Need& need : node.needs) before.insert(need.node);
    if (!node.last) task.after.assign(before.begin(), before.end());
    const api::TaskStatus* found = status == nullptr ? nullptr : find_task(*status, task.name);
    if (found != nullptr) {
      task.state = found->state;
      task.reason = found->reason;
    }
    out.push_back(std::move(task));
  }
  return out;
}

}  // namespace atelier::cli
