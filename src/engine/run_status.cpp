#include "engine/run_status.h"

#include <algorithm>

#include "engine/needs.h"
#include "engine/outcome.h"

namespace atelier::engine {
namespace {

constexpr std::size_t kMostTasks = 64;

std::string why_waiting(const Node& node, const Ledger& ledger) {
  if (node.last && !ledger.finally_since) return "waits for all tasks to end";
  const std::vector<std::string> open = needs_of(node, ledger).open;
  return open.empty() ? "" : "waits for " + listed(open);
}

std::string why_skipped(const Node& node, const Ledger& ledger) {
  const TaskEntry& entry = entry_of(ledger, node.task->name);
  const Needs needs = needs_of(node, ledger);
  if (entry.reason == kSkippedOnRequest) return "spec.skip of the run names it";
  if (entry.reason == kWhenFalse) return "did not run: its when is false";
  if (entry.reason == kNoInput) return "did not run: it uses results of " + listed(needs.missing) + ", which has none";
  return "did not run, because of " + listed(needs.unmet);
}

api::TaskStatus status_of(const ObjectKey& run, const Uid& run_uid, const Node& node, const Ledger& ledger) {
  const std::string& task = node.task->name;
  const TaskEntry& entry = entry_of(ledger, task);
  api::TaskStatus out;
  out.name = task;
  out.state = to_string(entry.state);
  out.attempt = entry.attempt;
  out.restarts = entry.restarts;
  out.reason = entry.reason;
  out.message = entry.message;
  if (entry.state == TaskState::waiting && entry.message.empty()) out.message = bounded(why_waiting(node, ledger));
  if (entry.state == TaskState::skipped) out.message = bounded(why_skipped(node, ledger));
  if (entry.attempt > 0) out.pod = pod_name(run, run_uid, task, entry.attempt);
  if (entry.attempt > 0) out.start_time = entry.started;
  if (ended(entry.state)) out.completion_time = entry.finished;
  return out;
}

int rank(TaskState state) {
  switch (state) {
    case TaskState::failed:
      return 0;
    case TaskState::running:
      return 1;
    case TaskState::waiting:
      return 2;
    default:
      return 3;
  }
}

// As written, if they are few; else those first that a person looks for.
std::vector<const Node*> shown(const std::vector<const Node*>& written, const Ledger& ledger) {
  std::vector<const Node*> out;
  const int ranks = written.size() > kMostTasks ? 4 : 1;
  for (int wanted = 0; wanted < ranks; ++wanted) {
    for (const Node* node : written) {
      if (out.size() == kMostTasks) return out;
      if (ranks == 1 || rank(entry_of(ledger, node->task->name).state) == wanted) out.push_back(node);
    }
  }
  return out;
}

std::int64_t& count_of(api::TaskCounts& counts, TaskState state) {
  switch (state) {
    case TaskState::running:
      return counts.running;
    case TaskState::succeeded:
      return counts.succeeded;
    case TaskState::failed:
      return counts.failed;
    case TaskState::skipped:
      return counts.skipped;
    case TaskState::cancelled:
      return counts.cancelled;
    case TaskState::waiting:
      break;
  }
  return counts.waiting;
}

meta::Condition succeeded(const Graph& graph, const Ledger& ledger, const api::TaskCounts& counts) {
  meta::Condition condition;
  condition.type = "Succeeded";
  condition.status = ledger.phase == RunPhase::succeeded ? meta::ConditionStatus::true_
                     : ended(ledger.phase)               ? meta::ConditionStatus::false_
                                                         : meta::ConditionStatus::unknown;
  condition.reason = ledger.reason.empty() ? "Running" : ledger.reason;
  std::string text = std::to_string(counts.succeeded) + " of " + std::to_string(counts.total) + " tasks succeeded";
  std::vector<std::string> failed;
  for (const Node* node : graph.written()) {
    const TaskEntry& entry = entry_of(ledger, node->task->name);
    if (entry.state == TaskState::failed) failed.push_back(node->task->name + " (" + entry.reason + ")");
  }
  if (!failed.empty()) text += "; failed: " + listed(failed);
  if (!ledger.message.empty()) text = ledger.message + "; " + text;
  condition.message = std::move(text);
  return condition;
}

meta::Condition refused(const Ledger& ledger) {
  meta::Condition condition;
  condition.type = kRequestRefused;
  condition.status = meta::ConditionStatus::true_;
  condition.reason = "CannotSkip";
  condition.message = ledger.refused;
  return condition;
}

}  // namespace

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Ledger& ledger) {
  RunStatus out;
  out.phase = to_string(ended(ledger.phase) ? ledger.phase : RunPhase::running);
  out.counts.total = static_cast<std::int64_t>(graph.written().size());
  for (const Node* node : graph.written()) ++count_of(out.counts, entry_of(ledger, node->task->name).state);
  for (const Node* node : shown(graph.written(), ledger)) {
    out.tasks.push_back(status_of(run, run_uid, *node, ledger));
  }
  out.succeeded = succeeded(graph, ledger, out.counts);
  if (!ledger.refused.empty()) out.refused = refused(ledger);
  out.completion_time = ledger.completed;
  return out;
}

}  // namespace atelier::engine
