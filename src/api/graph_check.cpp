#include "api/graph_check.h"

#include <algorithm>
#include <utility>

#include "atelier/api/dependency.h"

namespace atelier::api {

GraphCheck::GraphCheck(const PipelineSpec& spec) {
  for (const Task& task : spec.tasks) {
    if (tasks_.emplace(task.name, &task).second) order_.push_back(&task);
  }
}

const Task* GraphCheck::find(const std::string& name) const {
  const auto at = tasks_.find(name);
  return at == tasks_.end() ? nullptr : at->second;
}

std::string GraphCheck::names() const {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < order_.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + order_[i]->name;
  return order_.size() > kMost ? text + ", ..." : text;
}

std::set<std::string> GraphCheck::before(const std::string& task) const {
  std::set<std::string> seen;
  std::vector<std::string> open{task};
  while (!open.empty()) {
    const Task* next = find(open.back());
    open.pop_back();
    if (next == nullptr) continue;
    for (const std::string& need : next->depends_on) {
      std::string on{task_of_dependency(need)};
      if (seen.insert(on).second) open.push_back(std::move(on));
    }
  }
  return seen;
}

// Tasks are taken away when all they wait for is; what stays is on a cycle or behind one, so that walking from
// predecessor to predecessor among them must come round.
std::vector<std::string> GraphCheck::cycle() const {
  std::set<std::string> left;
  for (const Task* task : order_) left.insert(task->name);
  std::map<std::string, std::size_t> waits;
  std::map<std::string, std::vector<std::string>> followers;
  std::vector<std::string> free;
  for (const Task* task : order_) {
    std::set<std::string> known;
    for (const std::string& need : task->depends_on) {
      std::string on{task_of_dependency(need)};
      if (has(on)) known.insert(std::move(on));
    }
    for (const std::string& on : known) followers[on].push_back(task->name);
    waits[task->name] = known.size();
    if (known.empty()) free.push_back(task->name);
  }
  while (!free.empty()) {
    const std::string name = free.back();
    free.pop_back();
    left.erase(name);
    for (const std::string& follower : followers[name]) {
      if (--waits[follower] == 0) free.push_back(follower);
    }
  }
  if (left.empty()) return {};
  std::vector<std::string> path{*left.begin()};
  while (true) {
    const auto& before = find(path.back())->depends_on;
    const auto in_circle = [&left](const std::string& need) {
      return left.contains(std::string(task_of_dependency(need)));
    };
    const std::string next{task_of_dependency(*std::find_if(before.begin(), before.end(), in_circle))};
    const auto seen = std::find(path.begin(), path.end(), next);
    if (seen != path.end()) {
      std::vector<std::string> cycle(seen, path.end());
      cycle.push_back(next);
      return cycle;
    }
    path.push_back(next);
  }
}

}  // namespace atelier::api
