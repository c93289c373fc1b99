#include "engine/needs.h"

#include <algorithm>

namespace atelier::engine {
namespace {

// REQUIRES that it has ended.
bool accepts(api::Ending on, const Entry& entry) {
  switch (on) {
    case api::Ending::fine:
      return entry.state == TaskState::succeeded ||
             (entry.state == TaskState::skipped && (entry.reason == kSkippedOnRequest || entry.reason == kWhenFalse));
    case api::Ending::succeeded:
      return entry.state == TaskState::succeeded;
    case api::Ending::failed:
      return entry.state == TaskState::failed;
    case api::Ending::skipped:
      return entry.state == TaskState::skipped;
    case api::Ending::any:
      break;
  }
  return true;
}

bool is_failure(const Entry& entry) {
  return entry.state == TaskState::failed || entry.state == TaskState::cancelled || entry.reason == kPredecessorFailed;
}

}  // namespace

Needs needs_of(const Node& node, const std::function<const Entry&(std::size_t node)>& entry_of) {
  Needs needs;
  for (const Node::Need& need : node.needs) {
    const Entry& entry = entry_of(need.node);
    if (!ended(entry.state)) {
      needs.open.push_back(need.node);
    } else if (!accepts(need.on, entry)) {
      needs.unmet.push_back(need.node);
      const bool wanted_well = need.on == api::Ending::fine || need.on == api::Ending::succeeded;
      needs.failed = needs.failed || (wanted_well && is_failure(entry));
    }
  }
  if (node.last) return needs;  // runs in any case
  for (const std::size_t read : node.reads) {
    const bool known = std::find(needs.open.begin(), needs.open.end(), read) != needs.open.end();
    if (!known && !ended(entry_of(read).state)) needs.open.push_back(read);
  }
  for (const std::size_t input : node.inputs) {
    const TaskState state = entry_of(input).state;
    if (ended(state) && state != TaskState::succeeded) needs.missing.push_back(input);
  }
  return needs;
}

const TaskEntry& entry_of(const Ledger& ledger, const std::string& task) {
  static const TaskEntry kNone;
  const auto at = ledger.tasks.find(task);
  return at == ledger.tasks.end() ? kNone : at->second;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

std::string listed(const Graph& graph, const std::vector<std::size_t>& nodes) {
  std::vector<std::string> names;
  names.reserve(nodes.size());
  for (const std::size_t node : nodes) names.push_back(graph.order()[node].task->name);
  return listed(names);
}

}  // namespace atelier::engine
