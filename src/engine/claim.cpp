// Pods for the tasks that may run now: creating the pod is the claim on the attempt.
#include <algorithm>

#include "atelier/api/template_text.h"
#include "engine/needs.h"
#include "engine/retry.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::claim() {
  for (const Node& node : graph_.order()) {
    if (!node.last) claim(node);
  }
  skip();  // what depends on a task whose pod is refused for good
}

void Turn::claim(const Node& node) {
  const std::string& task = node.task->name;
  const auto known = ledger().tasks.find(task);
  if (known != ledger().tasks.end() && known->second.state != TaskState::waiting) return;
  std::string& why = decision_.why[task];
  const Needs needs = needs_of(node, ledger());
  if (!needs.runs()) {
    why = "waits for " + listed(needs.open);
    return;
  }
  if (unrecorded_) {
    why = "follows the commit of what people said";
    return;
  }
  const bool first = entry_of(ledger(), task).attempt == 0;
  if (is_to_be_skipped(task) && !node.task->approval) {
    decision_.why.erase(task);
    return end_as_asked(entry(task));
  }
  if (node.task->approval) {  // no pod: a suspended run waits for people all the same
    if (!node.when || holds(node)) approve(node);
    return;
  }
  if (in_.spec.suspend && !(node.last && stops_.tasks.starts_nothing)) {
    why = "the run is suspended";
    return;
  }
  if (node.when && first && !holds(node)) return;
  TaskEntry own = known == ledger().tasks.end() ? TaskEntry{} : known->second;
  const std::int64_t attempt = own.attempt + 1;
  if (own.next_attempt_at && *own.next_attempt_at > in_.now) {
    wake(*own.next_attempt_at);
    why = "attempt " + std::to_string(own.attempt) + " failed (" + own.reason + "); the next starts at " +
          format_time(*own.next_attempt_at);
    return;
  }
  // A pod shows that it ended. That one is lost follows from a ledger that may be old: the commit's precondition
  // tells, and another attempt before it could be a second run of what has succeeded.
  if (own.attempt > 0 && pod(task, own.attempt) == nullptr && !is_recorded(task, own.attempt)) {
    why = "attempt " + std::to_string(own.attempt) + " is lost; the next follows its commit";
    return;
  }
  decision_.why.erase(task);
  const bool held = held_back(*node.task, own, attempt);
  if (own != TaskEntry{}) entry(task) = own;
  if (!held) act(pod_for(*node.task, attempt));
}

// Whether the API refused this attempt's pod, for good or for now.
bool Turn::held_back(const api::Task& task, TaskEntry& entry, std::int64_t attempt) {
  const auto refused = std::find_if(in_.rejections.begin(), in_.rejections.end(), [&](const RejectedCreate& one) {
    return one.task == task.name && one.attempt == attempt;
  });
  if (refused == in_.rejections.end()) return false;
  if (refused->permanent) {
    entry.state = TaskState::failed;
    entry.reason = "PodRejected";
    entry.message = bounded(refused->reason + ": " + refused->message);
    entry.finished = in_.now;
    entry.next_attempt_at.reset();
    return true;
  }
  entry.reason = bounded(refused->reason);
  entry.message = bounded(refused->message);
  if (task.total_timeout && !entry.since) entry.since = std::min(refused->at, in_.now);
  // This clock may have been set back since.
  const WallTime again = std::min(refused->at, in_.now) + delay_after_refusal(refused->times);
  if (again <= in_.now) return false;
  wake(again);
  decision_.why[task.name] = refused->reason + ": " + refused->message;
  return true;
}

std::string Turn::value_of(const api::Segment& segment) const {
  using Kind = api::Segment::Kind;
  const TaskEntry& from = entry_of(ledger(), segment.text);
  switch (segment.kind) {
    case Kind::param: {
      const auto at = in_.params.find(segment.text);
      return at == in_.params.end() ? "" : at->second;
    }
    case Kind::task_result: {
      const auto at = from.results.find(segment.result);
      return at == from.results.end() ? "" : at->second;
    }
    case Kind::task_status:
      return std::string(to_string(from.state));
    case Kind::run_name:
      return in_.run.name;
    case Kind::run_namespace:
      return in_.run.ns;
    case Kind::run_status:
      return std::string(to_string(phase_of_tasks()));
    case Kind::text:
      break;
  }
  return segment.text;
}

CreatePod Turn::pod_for(const api::Task& task, std::int64_t attempt) const {
  const auto value = [this](const api::Segment& segment) { return value_of(segment); };
  const auto filled = [&value](const std::string& text) {
    const auto segments = api::parse_template(text);
    return segments ? api::render_template(segments.value(), value) : text;
  };
  CreatePod create;
  create.pod_name = name_of(task.name, attempt);
  create.task = task.name;
  create.attempt = attempt;
  create.image = task.image;
  create.command = task.command;
  create.args = task.args;
  create.env = task.env;
  create.timeout = task.timeout;
  create.sidecars = task.sidecars;
  const auto fill = [&filled](auto& container) {
    for (std::string& text : container.command) text = filled(text);
    for (std::string& text : container.args) text = filled(text);
    for (api::EnvVar& variable : container.env) variable.value = filled(variable.value);
  };
  fill(create);
  for (api::Sidecar& sidecar : create.sidecars) fill(sidecar);
  return create;
}

}  // namespace atelier::engine
