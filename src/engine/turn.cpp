#include "engine/turn.h"

#include <algorithm>

#include "engine/run_status.h"

namespace atelier::engine {

Turn::Turn(const Observed& observed) : in_(observed), graph_(observed.plan.pipeline), stops_(stops_of(observed)) {
  ledger() = in_.committed;
  for (const PodObservation& pod : in_.pods) {
    // A pod of another name carries our labels without being ours: anyone in the namespace can write labels.
    if (pod.name == name_of(pod.task, pod.attempt)) pods_[{pod.task, pod.attempt}] = &pod;
  }
}

Decision Turn::finish() {
  decision_.status = status_of(in_.run, in_.run_uid, graph_, ledger());
  return std::move(decision_);
}

std::string Turn::name_of(const std::string& task, std::int64_t attempt) const {
  return pod_name(in_.run, in_.run_uid, task, attempt);
}

const PodObservation* Turn::pod(const std::string& task, std::int64_t attempt) const {
  const auto at = pods_.find({task, attempt});
  return at == pods_.end() ? nullptr : at->second;
}

bool Turn::is_recorded(const std::string& task, std::int64_t attempt) const {
  if (ended(in_.committed.phase)) return true;
  const auto at = in_.committed.tasks.find(task);
  if (at == in_.committed.tasks.end()) return false;
  if (ended(at->second.state)) return true;
  return at->second.state == TaskState::running ? attempt < at->second.attempt : attempt <= at->second.attempt;
}

void Turn::wake(WallTime at) { decision_.wake_at = std::min(decision_.wake_at.value_or(at), at); }

bool has_ended(const PodObservation& pod) {
  return pod.phase == PodPhase::succeeded || pod.phase == PodPhase::failed || (pod.deleting && pod.force_deleted);
}

}  // namespace atelier::engine
