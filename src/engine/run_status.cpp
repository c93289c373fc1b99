#include "engine/run_status.h"

#include <algorithm>

#include "engine/outcome.h"

namespace atelier::engine {
namespace {

constexpr std::size_t kMostTasks = 64;

const TaskEntry& entry_of(const Ledger& ledger, const std::string& task) {
  static const TaskEntry kNone;
  const auto at = ledger.tasks.find(task);
  return at == ledger.tasks.end() ? kNone : at->second;
}

// "a, b and 3 more"
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kMost) text += " and " + std::to_string(names.size() - kMost) + " more";
  return text;
}

std::string why_waiting(const api::Task& task, const Ledger& ledger) {
  std::vector<std::string> open;
  for (const std::string& before : task.depends_on) {
    if (entry_of(ledger, before).state != TaskState::succeeded) open.push_back(before);
  }
  return open.empty() ? "" : "waits for " + listed(open);
}

std::string why_skipped(const api::Task& task, const Ledger& ledger) {
  std::vector<std::string> failed;
  for (const std::string& before : task.depends_on) {
    const TaskState state = entry_of(ledger, before).state;
    if (ended(state) && state != TaskState::succeeded) failed.push_back(before);
  }
  return "did not run, because of " + listed(failed);
}

api::TaskStatus status_of(const ObjectKey& run, const Uid& run_uid, const api::Task& task, const Ledger& ledger) {
  const TaskEntry& entry = entry_of(ledger, task.name);
  api::TaskStatus out;
  out.name = task.name;
  out.state = to_string(entry.state);
  out.attempt = entry.attempt;
  out.reason = entry.reason;
  out.message = entry.message;
  if (entry.state == TaskState::waiting && entry.message.empty()) out.message = bounded(why_waiting(task, ledger));
  if (entry.state == TaskState::skipped) out.message = bounded(why_skipped(task, ledger));
  if (entry.attempt > 0) out.pod = pod_name(run, run_uid, task.name, entry.attempt);
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
std::vector<const api::Task*> shown(const std::vector<api::Task>& tasks, const Ledger& ledger) {
  std::vector<const api::Task*> out;
  const int ranks = tasks.size() > kMostTasks ? 4 : 1;
  for (int wanted = 0; wanted < ranks; ++wanted) {
    for (const api::Task& task : tasks) {
      if (out.size() == kMostTasks) return out;
      if (ranks == 1 || rank(entry_of(ledger, task.name).state) == wanted) out.push_back(&task);
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

meta::Condition succeeded(const std::vector<api::Task>& tasks, const Ledger& ledger, const api::TaskCounts& counts) {
  meta::Condition condition;
  condition.type = "Succeeded";
  condition.status = ledger.phase == RunPhase::succeeded ? meta::ConditionStatus::true_
                     : ended(ledger.phase)               ? meta::ConditionStatus::false_
                                                         : meta::ConditionStatus::unknown;
  condition.reason = ledger.reason.empty() ? "Running" : ledger.reason;
  std::string text = std::to_string(counts.succeeded) + " of " + std::to_string(counts.total) + " tasks succeeded";
  std::vector<std::string> failed;
  for (const api::Task& task : tasks) {
    const TaskEntry& entry = entry_of(ledger, task.name);
    if (entry.state == TaskState::failed) failed.push_back(task.name + " (" + entry.reason + ")");
  }
  if (!failed.empty()) text += "; failed: " + listed(failed);
  if (!ledger.message.empty()) text = ledger.message + "; " + text;
  condition.message = std::move(text);
  return condition;
}

}  // namespace

RunStatus status_of(const ObjectKey& run, const Uid& run_uid, const std::vector<api::Task>& tasks,
                    const Ledger& ledger) {
  RunStatus out;
  out.phase = to_string(ended(ledger.phase) ? ledger.phase : RunPhase::running);
  out.counts.total = static_cast<std::int64_t>(tasks.size());
  for (const api::Task& task : tasks) ++count_of(out.counts, entry_of(ledger, task.name).state);
  for (const api::Task* task : shown(tasks, ledger)) out.tasks.push_back(status_of(run, run_uid, *task, ledger));
  out.succeeded = succeeded(tasks, ledger, out.counts);
  out.completion_time = ledger.completed;
  return out;
}

}  // namespace atelier::engine
