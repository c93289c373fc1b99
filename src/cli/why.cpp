#include "cli/why.h"

#include <algorithm>
#include <set>

#include "atelier/engine/decide.h"
#include "cli/age.h"
#include "cli/phase.h"

namespace atelier::cli {
namespace {

std::string ended(std::string text) {
  while (text.ends_with('.') || text.ends_with(' ') || text.ends_with('\n')) text.pop_back();
  return text.empty() ? text : text + ".";
}

std::string sentence(const Remedy& remedy) {
  if (remedy.words.empty()) return "";
  std::string words = remedy.words;
  if (words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return " " + ended(std::move(words));
}

std::string ago(const std::optional<WallTime>& time, WallTime now) { return time ? " " + age(time, now) + " ago" : ""; }

std::string since(const std::optional<WallTime>& time, WallTime now) { return time ? " for " + age(time, now) : ""; }

Names names_of(const api::PipelineRun& run, const std::string& task, const std::string& workspace) {
  Names names;
  names.ns = run.metadata.ns;
  names.run = run.metadata.name;
  names.task = task.substr(0, task.find('['));
  names.pipeline = run.spec.pipeline.name;
  names.workspace = run.status.pin ? run.status.pin->workspace : workspace;
  if (run.spec.retry_of) names.previous = run.spec.retry_of->name;
  if (run.spec.rerun_of) names.previous = run.spec.rerun_of->name;
  return names;
}

bool is_not_started(const api::TaskStatus& task) { return task.state == "Running" && !task.start_time; }

// The smaller, the more it matters; 9: not at all.
int rank_under_way(const api::TaskStatus& task) {
  if (task.state == "Running" && !task.reason.empty()) return 0;
  if (task.state == "Waiting" && task.reason == "WaitsForApproval") return 2;
  if (task.state == "Waiting" && !task.reason.empty()) return 1;
  if (is_not_started(task)) return 3;
  if (task.state == "Running") return 4;
  return task.state == "Waiting" ? 5 : 9;
}

// Of a failed run: what failed before what could not be done for it; the items before their task, which only counts.
int rank_over(const api::TaskStatus& task) {
  if (task.state != "Failed") return 9;
  return task.reason == "ItemsFailed" ? 1 : 0;
}

// Only what is over can be retried.
std::string possible(const api::PipelineRun& run, std::string command) {
  if (is_over(run) || !command.starts_with("atelier retry ")) return command;
  return "atelier logs " + run.metadata.name + " -f -n " + run.metadata.ns;
}

std::string said(const std::string& reason, const std::string& message) {
  if (reason.empty()) return message;
  return message.empty() ? reason : reason + ": " + message;
}

std::string attempts(const api::TaskStatus& task) {
  if (task.attempt <= 1) return "";
  std::string text = " in attempt " + std::to_string(task.attempt);
  if (task.restarts > 0) text += " (" + std::to_string(task.restarts) + " of them ended by the cluster)";
  return text;
}

struct TaskWords {
  std::string words;  // the end of "task x ..."
  Remedy remedy;
};

TaskWords of_task(const api::TaskStatus& task, const std::vector<Event>& events, const Names& names, WallTime now) {
  if (task.state == "Failed") {
    return {"failed" + ago(task.completion_time, now) + attempts(task) + ": " + said(task.reason, task.message),
            remedy_of_task(task.reason, names)};
  }
  if (task.state == "Skipped" || task.state == "Cancelled") {
    const std::string word = task.state == "Skipped" ? "was skipped" : "was cancelled";
    return {word + ago(task.completion_time, now) + ": " + said(task.reason, task.message),
            remedy_of_task(task.reason, names)};
  }
  if (task.state == "Succeeded") {
    return {"succeeded" + ago(task.completion_time, now) + attempts(task) +
                (task.message.empty() ? "" : ": " + task.message),
            {}};
  }
  if (task.state == "Waiting") {
    if (task.reason == "WaitsForApproval") {
      return {"waits for people: " + task.message, remedy_of_task(task.reason, names)};
    }
    const bool refused = task.reason == "Forbidden" || task.reason == "CreateFailed";
    if (refused) return {"gets no pod: " + said(task.reason, task.message), remedy_of_task(task.reason, names)};
    if (!task.reason.empty()) {
      // The operator's own words say when; else the message is that of the attempt before.
      const bool whole = task.message.starts_with("attempt ");
      const std::string failure = "attempt " + std::to_string(task.attempt) + " failed with ";
      return {"is tried again: " + (whole ? task.message : failure + said(task.reason, task.message)),
              remedy_of_task(task.reason, names)};
    }
    return {task.message.empty() ? "waits for its turn" : task.message, {}};
  }
  if (task.reason == "ResultsUnread") {
    return {"has ended, with results that are not read yet: " + task.message, remedy_of_task(task.reason, names)};
  }
  if (task.reason == "ResultsUnstored") {
    return {"has ended, with results that are not stored yet: " + task.message, remedy_of_task(task.reason, names)};
  }
  if (!is_not_started(task) && !task.reason.empty()) {
    return {"is being ended by the cluster: " + said(task.reason, task.message), remedy_of_task(task.reason, names)};
  }
  if (!is_not_started(task)) {
    return {"runs" + since(task.start_time, now) + attempts(task) + (task.message.empty() ? "" : ": " + task.message),
            {}};
  }
  const Event* told = kube::why_not_started(events);
  // The kubelet's message about a container tells less than its events, where those are about mounts.
  const bool by_event = told != nullptr && (task.reason.empty() || task.reason == "ContainerCreating");
  const std::string reason = by_event ? told->reason : task.reason;
  const std::string message = by_event ? told->message : task.message;
  if (reason.empty()) return {"is being started" + attempts(task), {}};
  return {"is not started" + attempts(task) + ": its pod " + task.pod + " waits with " + said(reason, message),
          remedy_of_task(reason, names)};
}

std::string others(const api::TaskCounts& counts, const api::TaskStatus& task) {
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const char* words) {
    if (count > 0) parts.push_back(std::to_string(count) + " " + words);
  };
  add(counts.succeeded, "succeeded");
  add(counts.running - (task.state == "Running" ? 1 : 0), "at work");
  add(counts.failed - (task.state == "Failed" ? 1 : 0), "failed");
  add(counts.skipped - (task.state == "Skipped" ? 1 : 0), "did not run because of how others ended");
  add(counts.cancelled - (task.state == "Cancelled" ? 1 : 0), "cancelled");
  add(counts.waiting - (task.state == "Waiting" ? 1 : 0), "waiting");
  if (parts.empty()) return "";
  std::string out = " Of the other tasks ";
  for (std::size_t i = 0; i < parts.size(); ++i)
    out += (i == 0 ? "" : i + 1 < parts.size() ? ", " : " and ") + parts[i];
  return out + ".";
}

std::string spent(const api::PipelineRunStatus& status) {
  return status.start_time && status.completion_time
             ? " after " + human_duration(*status.completion_time - *status.start_time)
             : "";
}

// What somebody asked of the run in vain.
std::string in_vain(const api::PipelineRunStatus& status) {
  const meta::Condition* refused = meta::find_condition(status.conditions, engine::kRequestRefused);
  return refused == nullptr ? "" : " Besides, " + ended(said(refused->reason, refused->message));
}

Why of_unseen(const api::PipelineRun& run, const Names& names, WallTime now) {
  return {"Run " + names.run + " was made" + ago(run.metadata.creation_timestamp, now) +
              ", and the operator has not looked at it yet. That takes a second at most; if it lasts, the operator is "
              "not running, which whoever runs the platform can mend.",
          "atelier doctor"};
}

Why of_success(const api::PipelineRun& run, const Names& names, WallTime now) {
  const api::TaskCounts& counts = run.status.counts;
  return {"Run " + names.run + " succeeded" + ago(run.status.completion_time, now) + spent(run.status) + ": " +
              std::to_string(counts.succeeded) + " of " + std::to_string(counts.total) + " tasks succeeded" +
              (counts.skipped > 0 ? ", " + std::to_string(counts.skipped) + " skipped" : "") + ".",
          "atelier logs " + names.run + " -n " + names.ns};
}

}  // namespace

const api::TaskStatus* find_task(const api::PipelineRunStatus& status, const std::string& item) {
  const auto at = std::find_if(status.tasks.begin(), status.tasks.end(),
                               [&](const api::TaskStatus& task) { return task.name == item; });
  return at == status.tasks.end() ? nullptr : &*at;
}

const api::TaskStatus* culprit(const api::PipelineRun& run) {
  const auto& tasks = run.status.tasks;
  const bool over = is_over(run);
  const auto rank = [&](const api::TaskStatus& task) { return over ? rank_over(task) : rank_under_way(task); };
  const auto at = std::min_element(
      tasks.begin(), tasks.end(),
      [&](const api::TaskStatus& one, const api::TaskStatus& other) { return rank(one) < rank(other); });
  return at == tasks.end() || rank(*at) == 9 ? nullptr : &*at;
}

Why why_run(const api::PipelineRun& run, const std::vector<Event>& events, const std::string& workspace, WallTime now) {
  const api::PipelineRunStatus& status = run.status;
  const api::TaskStatus* task = culprit(run);
  const Names names = names_of(run, task == nullptr ? "" : task->name, workspace);
  const meta::Condition* told = meta::find_condition(status.conditions, "Succeeded");
  if (status.phase.empty() && told == nullptr) return of_unseen(run, names, now);
  if (status.phase == "Succeeded") return of_success(run, names, now);
  const std::string reason = told == nullptr ? "" : told->reason;
  const std::string message = told == nullptr ? "" : told->message;
  const bool over = is_over(run);
  const bool own = reason != "Running" && reason != "Failed" && !reason.empty();  // not one of its tasks
  std::string head = "Run " + names.run + " of pipeline " + names.pipeline + " ";
  if (over) {
    head += (status.phase == "Failed" ? "failed" : "was cancelled") + ago(status.completion_time, now) + spent(status);
  } else if (status.start_time) {
    head += "is under way" + since(status.start_time, now);
  } else {
    head += "has waited to start" + since(run.metadata.creation_timestamp, now);
  }
  if (own) {
    const Remedy remedy = remedy_of_run(reason, names);
    Why out{head + ": " + ended(reason + ": " + message) + sentence(remedy), possible(run, remedy.command)};
    if (over && task != nullptr) {
      out.words += " Task " + task->name + " " + ended(of_task(*task, events, names, now).words);
    }
    out.words += in_vain(status);
    return out;
  }
  if (task == nullptr) return {head + ": " + ended(message), "atelier describe run " + names.run + " -n " + names.ns};
  const TaskWords words = of_task(*task, events, names, now);
  std::string command = possible(run, words.remedy.command);
  if (command.empty() && !over) command = "atelier logs " + names.run + " -f -n " + names.ns;
  return {head + ": task " + task->name + " " + ended(words.words) + sentence(words.remedy) +
              others(status.counts, *task) + in_vain(status),
          command};
}

Why why_task(const api::PipelineRun& run, const api::TaskStatus& task, const std::vector<Event>& events, WallTime now) {
  const Names names = names_of(run, task.name, "");
  const TaskWords words = of_task(task, events, names, now);
  std::string command = possible(run, words.remedy.command);
  if (command.empty() && task.attempt > 0) {
    command = "atelier logs " + names.run + " " + names.task + " -n " + names.ns;
  }
  std::string text = "Task " + task.name + " of run " + names.run + " " + ended(words.words) + sentence(words.remedy);
  const meta::Condition* told = meta::find_condition(run.status.conditions, "Succeeded");
  const bool held = told != nullptr && task.state == "Waiting" && told->reason != "Running" && !is_over(run);
  if (held) text += " The run as a whole is held up by " + ended(said(told->reason, told->message));
  return {text, command};
}

Why why_ready(const Readiness& object, WallTime now) {
  Names names;
  names.ns = object.key.ns;
  names.workspace = object.workspace;
  const std::string look =
      "atelier describe " + object.what + " " + object.key.name + (object.key.ns.empty() ? "" : " -n " + object.key.ns);
  const std::string subject = object.what + " " + object.key.name + " ";
  const meta::Condition* ready = meta::find_condition(object.conditions, "Ready");
  if (ready == nullptr) {
    return {"The " + subject + "was made" + ago(object.made, now) +
                ", and the operator has not looked at it yet; if that lasts, it is not running.",
            "atelier doctor"};
  }
  std::string text = "The " + subject;
  std::string command;
  if (ready->status == meta::ConditionStatus::true_) {
    text += "is ready" + since(ready->last_transition_time, now) + ": " +
            ended(object.good.empty() ? ready->message : object.good);
  } else {
    const Remedy remedy = remedy_of_ready(ready->reason, names);
    text += "is not ready" + since(ready->last_transition_time, now) + ": " +
            ended(said(ready->reason, ready->message)) + sentence(remedy) +
            (object.kept.empty() ? "" : " " + ended(object.kept));
    command = remedy.command;
  }
  for (const meta::Condition& one : object.conditions) {
    const bool bad = one.status == meta::ConditionStatus::false_ && one.type != "Ready";
    if (bad)
      text += " Besides, " + one.type + " is False" + since(one.last_transition_time, now) + ": " +
              ended(said(one.reason, one.message));
  }
  return {text, command.empty() ? look : command};
}

}  // namespace atelier::cli
