#include "engine/run_status.h"

#include <algorithm>
#include <array>

#include "engine/needs.h"
#include "engine/outcome.h"

namespace atelier::engine {
namespace {

constexpr std::size_t kMostTasks = 64;

// A row of the list: a task, or an item of a fan-out.
struct Row {
  const Node* node;
  std::int64_t item;
  const Entry* entry;
};

std::string why_skipped(const Graph& graph, const Node& node, const Ledger& ledger) {
  const Entry& entry = entry_of(ledger, node.task->name);
  const Needs needs = needs_of(
      node, [&](std::size_t other) -> const Entry& { return entry_of(ledger, graph.order()[other].task->name); });
  if (entry.reason == kSkippedOnRequest) return "spec.skip of the run names it";
  if (entry.reason == kWhenFalse) return "did not run: its when is false";
  if (entry.reason == kNoInput && !entry.message.empty()) return entry.message;  // it follows from an expression
  if (entry.reason == kNoInput) {
    return "did not run: it uses results of " + listed(graph, needs.missing) + ", which has none";
  }
  return "did not run, because of " + listed(graph, needs.unmet);
}

std::string why_running(const TaskEntry& entry) {
  std::array<std::size_t, 6> counts{};
  for (const Entry& item : entry.items) ++counts[static_cast<std::size_t>(item.state)];
  std::string text = std::to_string(counts[static_cast<std::size_t>(TaskState::succeeded)]) + " of " +
                     std::to_string(entry.items.size()) + " items succeeded";
  const std::size_t failed = counts[static_cast<std::size_t>(TaskState::failed)];
  return failed == 0 ? text : text + ", " + std::to_string(failed) + " failed";
}

api::TaskStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Row& row,
                          const Ledger& ledger, const WhyWaiting& why) {
  const std::string& task = row.node->task->name;
  const Entry& entry = *row.entry;
  api::TaskStatus out;
  out.name = name_of_item(task, row.item);
  out.state = to_string(entry.state);
  out.attempt = entry.attempt;
  out.restarts = entry.restarts;
  out.reason = entry.reason;
  out.message = entry.message;
  if (entry.state == TaskState::waiting) {
    const Waits waits = why(*row.node, row.item);
    if (!waits.words.empty()) out.message = bounded(waits.words);
    if (!waits.words.empty() && !waits.for_its_own_sake) out.reason.clear();
  }
  if (entry.state == TaskState::skipped) out.message = bounded(why_skipped(graph, *row.node, ledger));
  const bool of_items = row.item == kNoItem && row.node->task->for_each.has_value();
  if (of_items && entry.state == TaskState::running) out.message = why_running(entry_of(ledger, task));
  if (entry.attempt > 0) out.pod = pod_name(run, run_uid, {task, row.item, entry.attempt});
  if (entry.attempt > 0 || of_items) out.start_time = entry.started;
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

// Tasks as written, each fan-out followed by its items.
void each_row(const Graph& graph, const Ledger& ledger, const std::function<void(const Row&)>& visit) {
  for (const std::size_t index : graph.written()) {
    const Node& node = graph.order()[index];
    const TaskEntry& entry = entry_of(ledger, node.task->name);
    visit({&node, kNoItem, &entry});
    for (std::size_t i = 0; i < entry.items.size(); ++i) {
      visit({&node, static_cast<std::int64_t>(i), &entry.items[i]});
    }
  }
}

// As written, if they are few; else those first that a person looks for.
std::vector<Row> shown(const Graph& graph, const Ledger& ledger) {
  std::array<std::vector<Row>, 4> ranks;
  std::vector<Row> all;
  std::size_t count = 0;
  each_row(graph, ledger, [&](const Row& row) {
    ++count;
    if (all.size() < kMostTasks) all.push_back(row);
    auto& rows = ranks[static_cast<std::size_t>(rank(row.entry->state))];
    if (rows.size() < kMostTasks) rows.push_back(row);
  });
  if (count <= kMostTasks) return all;
  std::vector<Row> out;
  for (const auto& rows : ranks) {
    for (const Row& row : rows) {
      if (out.size() < kMostTasks) out.push_back(row);
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
  for (const std::size_t index : graph.written()) {
    const std::string& task = graph.order()[index].task->name;
    const Entry& entry = entry_of(ledger, task);
    if (entry.state == TaskState::failed) failed.push_back(task + " (" + entry.reason + ")");
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

std::optional<api::TaskStatus> row_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph,
                                      const Ledger& ledger, const WhyWaiting& why, const std::string& name) {
  std::optional<Row> found;
  each_row(graph, ledger, [&](const Row& row) {
    if (!found && name_of_item(row.node->task->name, row.item) == name) found = row;
  });
  if (!found) return std::nullopt;
  return status_of(run, run_uid, graph, *found, ledger, why);
}

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const Graph& graph, const Ledger& ledger,
                    const WhyWaiting& why) {
  RunStatus out;
  out.phase = to_string(ended(ledger.phase) ? ledger.phase : RunPhase::running);
  each_row(graph, ledger, [&](const Row& row) {
    if (row.item == kNoItem && !entry_of(ledger, row.node->task->name).items.empty()) return;  // its items count
    ++out.counts.total;
    ++count_of(out.counts, row.entry->state);
  });
  for (const Row& row : shown(graph, ledger)) out.tasks.push_back(status_of(run, run_uid, graph, row, ledger, why));
  out.succeeded = succeeded(graph, ledger, out.counts);
  if (!ledger.refused.empty()) out.refused = refused(ledger);
  out.completion_time = ledger.completed;
  return out;
}

}  // namespace atelier::engine
