#include "api/graph_check.h"

#include <algorithm>
#include <set>

#include "atelier/api/dependency.h"
#include "atelier/api/expression_scope.h"

namespace atelier::api {

GraphCheck::GraphCheck(const PipelineSpec& spec) {
  for (const Task& task : spec.tasks) {
    if (!tasks_.emplace(task.name, order_.size()).second) continue;
    identifiers_.emplace(identifier_of(task.name), order_.size());
    order_.push_back(&task);
  }
  needs_.resize(order_.size());
  for (std::size_t i = 0; i < order_.size(); ++i) {
    std::set<std::size_t> known;
    for (const std::string& need : order_[i]->depends_on) {
      const auto at = tasks_.find(task_of_dependency(need));
      if (at != tasks_.end()) known.insert(at->second);
    }
    needs_[i].assign(known.begin(), known.end());
  }
  sort();
}

// Tasks are taken away when all they wait for is; what stays is on a cycle or behind one.
void GraphCheck::sort() {
  before_.assign(order_.size(), Places(order_.size()));
  std::vector<std::vector<std::size_t>> followers(order_.size());
  std::vector<std::size_t> waits(order_.size());
  std::vector<std::size_t> free;
  const auto note = [this](std::size_t task) {
    for (const std::size_t need : needs_[task]) {
      before_[task][need] = true;
      for (std::size_t i = 0; i < order_.size(); ++i) {
        if (before_[need][i]) before_[task][i] = true;
      }
    }
  };
  for (std::size_t i = 0; i < order_.size(); ++i) {
    for (const std::size_t need : needs_[i]) followers[need].push_back(i);
    waits[i] = needs_[i].size();
    if (waits[i] == 0) free.push_back(i);
  }
  while (!free.empty()) {
    const std::size_t next = free.back();
    free.pop_back();
    note(next);
    for (const std::size_t follower : followers[next]) {
      if (--waits[follower] == 0) free.push_back(follower);
    }
  }
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (waits[i] > 0) left_.push_back(i);
  }
  for (const std::size_t task : left_) note(task);  // as far as it is known: the cycle is what has to be mended
}

const Task* GraphCheck::find(std::string_view name) const {
  const auto at = tasks_.find(name);
  return at == tasks_.end() ? nullptr : order_[at->second];
}

const Task* GraphCheck::find_identifier(std::string_view identifier) const {
  const auto at = identifiers_.find(identifier);
  return at == identifiers_.end() ? nullptr : order_[at->second];
}

std::string GraphCheck::names() const {
  constexpr std::size_t kMost = 10;
  std::string text;
  for (std::size_t i = 0; i < order_.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + order_[i]->name;
  return order_.size() > kMost ? text + ", ..." : text;
}

bool GraphCheck::waits_for(std::string_view task, std::string_view other) const {
  const auto one = tasks_.find(task);
  const auto before = tasks_.find(other);
  return one != tasks_.end() && before != tasks_.end() && before_[one->second][before->second];
}

// Walking from predecessor to predecessor among those that are left must come round.
std::vector<std::string> GraphCheck::cycle() const {
  if (left_.empty()) return {};
  const auto is_left = [this](std::size_t task) { return std::binary_search(left_.begin(), left_.end(), task); };
  const auto by_name = [this](std::size_t one, std::size_t other) { return order_[one]->name < order_[other]->name; };
  std::vector<std::size_t> path{*std::min_element(left_.begin(), left_.end(), by_name)};
  while (true) {
    const auto& needs = needs_[path.back()];
    const std::size_t next = *std::find_if(needs.begin(), needs.end(), is_left);
    const auto seen = std::find(path.begin(), path.end(), next);
    if (seen == path.end()) {
      path.push_back(next);
      continue;
    }
    std::vector<std::string> names;
    for (auto at = seen; at != path.end(); ++at) names.push_back(order_[*at]->name);
    names.push_back(order_[next]->name);
    return names;
  }
}

}  // namespace atelier::api
