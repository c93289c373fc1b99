// Pods for the tasks that may run now: creating the pod is the claim on the attempt.
#include <algorithm>

#include "atelier/api/template_text.h"
#include "engine/outcome.h"
#include "engine/retry.h"
#include "engine/turn.h"

namespace atelier::engine {

void Turn::claim() {
  if (in_.cancel) return;
  for (const api::Task* task : graph_.order()) {
    const auto known = ledger().tasks.find(task->name);
    if (known != ledger().tasks.end() && known->second.state != TaskState::waiting) continue;
    std::string waits_for;
    for (const std::string& before : task->depends_on) {
      const auto at = ledger().tasks.find(before);
      if (at != ledger().tasks.end() && at->second.state == TaskState::succeeded) continue;
      waits_for += (waits_for.empty() ? "waits for " : ", ") + before;
    }
    if (!waits_for.empty()) {
      decision_.why[task->name] = waits_for;
      continue;
    }
    TaskEntry own = known == ledger().tasks.end() ? TaskEntry{} : known->second;
    const std::int64_t attempt = own.attempt + 1;
    if (own.next_attempt_at && *own.next_attempt_at > in_.now) {
      wake(*own.next_attempt_at);
      decision_.why[task->name] = "attempt " + std::to_string(own.attempt) + " failed (" + own.reason +
                                  "); the next starts at " + format_time(*own.next_attempt_at);
      continue;
    }
    // A pod shows that it ended. That one is lost follows from a ledger that may be old: the commit's precondition
    // tells, and another attempt before it could be a second run of what has succeeded.
    if (own.attempt > 0 && pod(task->name, own.attempt) == nullptr && !is_recorded(task->name, own.attempt)) {
      decision_.why[task->name] = "attempt " + std::to_string(own.attempt) + " is lost; the next follows its commit";
      continue;
    }
    const bool held = held_back(*task, own, attempt);
    if (own != TaskEntry{}) entry(task->name) = own;
    if (!held) act(pod_for(*task, attempt));
  }
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
  // This clock may have been set back since.
  const WallTime again = std::min(refused->at, in_.now) + delay_after_refusal(refused->times);
  if (again <= in_.now) return false;
  wake(again);
  decision_.why[task.name] = refused->reason + ": " + refused->message;
  return true;
}

CreatePod Turn::pod_for(const api::Task& task, std::int64_t attempt) const {
  const auto value_of = [this](const api::Segment& segment) -> std::string {
    switch (segment.kind) {
      case api::Segment::Kind::param: {
        const auto at = in_.params.find(segment.text);
        return at == in_.params.end() ? "" : at->second;
      }
      case api::Segment::Kind::task_result: {
        const auto from = decision_.ledger.tasks.find(segment.text);
        if (from == decision_.ledger.tasks.end()) return "";
        const auto at = from->second.results.find(segment.result);
        return at == from->second.results.end() ? "" : at->second;
      }
      case api::Segment::Kind::run_name:
        return in_.run.name;
      case api::Segment::Kind::run_namespace:
        return in_.run.ns;
      case api::Segment::Kind::text:
        break;
    }
    return segment.text;
  };
  const auto filled = [&value_of](const std::string& text) {
    const auto segments = api::parse_template(text);
    return segments ? api::render_template(segments.value(), value_of) : text;
  };
  CreatePod create;
  create.pod_name = name_of(task.name, attempt);
  create.task = task.name;
  create.attempt = attempt;
  create.image = task.image;
  for (const std::string& text : task.command) create.command.push_back(filled(text));
  for (const std::string& text : task.args) create.args.push_back(filled(text));
  create.env = task.env;
  for (api::EnvVar& variable : create.env) variable.value = filled(variable.value);
  create.timeout = task.timeout;
  return create;
}

}  // namespace atelier::engine
