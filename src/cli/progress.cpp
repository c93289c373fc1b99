#include "cli/progress.h"

#include <ostream>
#include <utility>

#include "atelier/base/text.h"
#include "cli/age.h"
#include "cli/printable.h"

namespace atelier::cli {
namespace {

constexpr std::size_t kMostTasks = 12;  // drawn at a time

std::string phase_of(const api::PipelineRun& run) { return run.status.phase.empty() ? "Pending" : run.status.phase; }

// Why the run as a whole does not go on; empty: it does.
std::string hold_of(const api::PipelineRun& run) {
  const meta::Condition* told = meta::find_condition(run.status.conditions, "Succeeded");
  if (told == nullptr || told->reason == "Running" || told->reason == run.status.phase) return "";
  return told->reason + ": " + told->message;
}

std::string state_of(const api::TaskStatus& task) {
  std::string text = task.state;
  if (task.attempt > 1) text += " (attempt " + std::to_string(task.attempt) + ")";
  if (!task.reason.empty()) text += " " + task.reason;
  return text;
}

bool is_drawn(const api::TaskStatus& task) {
  return task.state == "Running" || task.state == "Failed" || (task.state == "Waiting" && !task.reason.empty());
}

}  // namespace

void Progress::show(const api::PipelineRun& run, WallTime now) {
  if (terminal_.live) {
    draw(run, now);
  } else {
    tell(run);
  }
  terminal_.err.flush();
}

void Progress::tell(const api::PipelineRun& run) {
  const auto line = [&](const std::string& of, const std::string& text, const std::string& words) {
    if (std::exchange(told_[of], text) == text) return;
    terminal_.err << printable(words) << "\n";
  };
  const std::string hold = hold_of(run);
  const std::string phase = phase_of(run) + (hold.empty() ? "" : ": " + hold);
  for (const api::TaskStatus& task : run.status.tasks) {
    const bool untold = !told_.contains(task.name) && task.state == "Waiting" && task.reason.empty();
    if (untold) continue;  // its turn has not come
    const bool bad = task.state == "Failed" || is_drawn(task);
    line(task.name, state_of(task),
         task.name + ": " + state_of(task) + (bad && !task.message.empty() ? ": " + task.message : ""));
  }
  line("", phase, run.metadata.name + ": " + phase);
}

void Progress::draw(const api::PipelineRun& run, WallTime now) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text, Style style) {
    lines.push_back(terminal_.styled(bounded(printable(text), terminal_.width - 1), style));
  };
  const api::TaskCounts& counts = run.status.counts;
  const std::string hold = hold_of(run);
  const WallTime end = run.status.completion_time.value_or(now);
  add(run.metadata.name + "  " + phase_of(run) + "  " + std::to_string(counts.succeeded) + "/" +
          std::to_string(counts.total) +
          (run.status.start_time ? "  " + human_duration(end - *run.status.start_time) : "") +
          (hold.empty() ? "" : "  " + hold),
      style_of(phase_of(run)));
  std::size_t left_out = 0;
  for (const api::TaskStatus& task : run.status.tasks) {
    if (!is_drawn(task)) continue;
    if (lines.size() > kMostTasks) {
      ++left_out;
      continue;
    }
    const std::string took =
        task.start_time ? "  " + human_duration(task.completion_time.value_or(now) - *task.start_time) : "";
    add("  " + task.name + "  " + state_of(task) + took + (task.message.empty() ? "" : "  " + task.message),
        style_of(task.state));
  }
  if (left_out > 0) add("  and " + std::to_string(left_out) + " others", Style::quiet);
  if (drawn_ > 0) terminal_.err << "\x1b[" << drawn_ << "A\x1b[J";
  for (const std::string& line : lines) terminal_.err << line << "\n";
  drawn_ = lines.size();
}

}  // namespace atelier::cli
