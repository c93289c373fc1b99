#include "reconcile/run_observation.h"

#include <algorithm>

#include "render/task_pod.h"

namespace atelier::reconcile {
namespace {

engine::PodPhase phase(PodPhase phase) {
  switch (phase) {
    case PodPhase::pending:
      return engine::PodPhase::pending;
    case PodPhase::running:
      return engine::PodPhase::running;
    case PodPhase::succeeded:
      return engine::PodPhase::succeeded;
    case PodPhase::failed:
      return engine::PodPhase::failed;
    case PodPhase::unknown:
      break;
  }
  return engine::PodPhase::unknown;
}

// Why the pod waits, by the first container that says so. Sidecars are init containers; while they start, the task's
// own says no more than PodInitializing.
void tell_waiting(const PodRecord& pod, const ContainerRecord& task, engine::PodObservation& out) {
  const auto tells = [](const ContainerRecord& one) {
    return !one.waiting->reason.empty() && one.waiting->reason != "PodInitializing";
  };
  if (!task.waiting->reason.empty()) {
    out.waiting_reason = task.waiting->reason;
    out.waiting_message = task.waiting->message;
  }
  if (tells(task)) return;
  const auto sidecar = std::find_if(pod.init_containers.begin(), pod.init_containers.end(), tells);
  if (sidecar == pod.init_containers.end()) return;
  out.waiting_reason = sidecar->waiting->reason;
  out.waiting_message = "sidecar " + *sidecar->name + ": " + *sidecar->waiting->message;
}

}  // namespace

engine::PodObservation observe(const PodRecord& pod) {
  engine::PodObservation out;
  out.name = pod.name;
  out.uid = pod.uid;
  out.task = pod.task;
  out.item = pod.item;
  out.attempt = pod.attempt;
  out.phase = phase(pod.phase);
  out.reason = pod.reason;
  out.message = pod.message;
  out.disruption_reason = pod.conditions->disruption_reason;
  out.disruption_message = pod.conditions->disruption_message;
  out.created = pod.created.value_or(WallTime{});
  out.deleting = pod.deleting;
  out.force_deleted = pod.deleting && pod.out_of_grace;
  out.ended_before = pod.ended_before;
  out.holds_result = pod.holds_result();
  if (!pod.conditions->unschedulable.empty()) {
    out.waiting_reason = "Unschedulable";
    out.waiting_message = pod.conditions->unschedulable;
  }
  const auto named = [](const char* name) { return [name](const ContainerRecord& one) { return one.name == name; }; };
  const auto results =
      std::find_if(pod.init_containers.begin(), pod.init_containers.end(), named(render::kResultsContainer));
  if (results != pod.init_containers.end() && results->terminated) out.handed_on = results->message;
  const auto task = std::find_if(pod.containers.begin(), pod.containers.end(), named(render::kTaskContainer));
  if (task == pod.containers.end()) return out;
  if (out.reason.empty()) out.reason = task->reason;
  if (task->terminated) out.exit_code = task->exit_code;
  out.termination_message = task->message;
  out.started = task->started;
  out.finished = task->finished;
  tell_waiting(pod, *task, out);
  return out;
}

engine::Attempt attempt_of(const PodRecord& pod) { return {pod.task, pod.item, pod.attempt}; }

std::map<std::string, std::string> effective_params(const std::map<std::string, std::string>& given,
                                                    const api::PipelineSpec& pipeline) {
  std::map<std::string, std::string> params;
  for (const api::Param& param : pipeline.params) {
    const auto value = given.find(param.name);
    params[param.name] = value != given.end() ? value->second : param.default_value.value_or("");
  }
  return params;
}

}  // namespace atelier::reconcile
