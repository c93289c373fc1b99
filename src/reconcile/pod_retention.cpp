#include "reconcile/pod_retention.h"

#include <algorithm>

#include "atelier/engine/decide.h"
#include "atelier/engine/recorded.h"
#include "reconcile/run_observation.h"
#include "reconcile/run_start.h"
#include "reconcile/writes.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

// How soon a run or revision is looked for again, or whether the run says how the pod ended: caches are of several
// ages.
constexpr Millis kUnknown{3'600'000};

// Absent where the kubelet never said: it was evicted before it ran, or its node is lost.
std::optional<WallTime> end_of(const PodRecord& pod) {
  std::optional<WallTime> end;
  for (const auto* containers : {&pod.containers, &pod.init_containers}) {
    for (const ContainerRecord& one : *containers) end = std::max(end, one.finished);
  }
  return end;
}

}  // namespace

bool concerns_retention(const PodRecord& pod) {
  return pod.component == render::kTask && pod.terminal() && !pod.holds_result() && !pod.deleting;
}

std::optional<WallTime> pod_due(const PodRecord& pod, Millis pod_age, WallTime seen) {
  if (!concerns_retention(pod)) return std::nullopt;
  const Millis shortest = api::History::kShortestAge;
  const auto end = end_of(pod);
  if (end) return *end + std::max(pod_age, shortest);
  return std::max(pod.created.value_or(seen) + pod_age, seen + shortest);
}

kube::Plan PodRetention::reconcile(const ObjectKey& key, const kube::Feedback&, WallTime now) {
  kube::Plan plan;
  const auto pod = world_.pods.get(key);
  if (pod == nullptr || !concerns_retention(*pod)) {
    seen_.erase(key);
    return plan;
  }
  WallTime seen = now;
  if (!end_of(*pod)) {
    auto& first = seen_.try_emplace(key, pod->uid, now).first->second;
    if (first.first != pod->uid) first = {pod->uid, now};
    seen = first.second;
  }
  const auto age = age_of(*pod);
  if (!age) {
    plan.requeue_after = kUnknown;
    return plan;
  }
  const auto due = pod_due(*pod, *age, seen);
  if (due && *due <= now && !is_committed(*pod)) {
    plan.requeue_after = kUnknown;
  } else if (due && *due <= now) {
    plan.writes.push_back(delete_pod(key, pod->uid));
  } else {
    plan.requeue_after = wait_until(due, now);
  }
  return plan;
}

std::optional<Millis> PodRetention::age_of(const PodRecord& pod) const {
  const ObjectKey key{pod.ns, pod.run};
  const auto run = world_.runs.get(key);
  if (run == nullptr || !run->status.pin) return std::nullopt;
  // Its name follows from the run's uid. Labels can be written by anyone in the namespace.
  if (engine::pod_name(key, run->metadata.uid, {pod.task, pod.item, pod.attempt}) != pod.name) return std::nullopt;
  const auto revision = world_.revisions.get({key.ns, run->status.pin->revision});
  if (revision == nullptr) return std::nullopt;
  return revision->plan.pipeline.history.pod_age;
}

bool PodRetention::is_committed(const PodRecord& pod) {
  const auto run = world_.runs.get({pod.ns, pod.run});
  if (run == nullptr) return false;
  if (is_over(run->status)) return true;
  if (run->status.state != state_) {
    auto decoded = engine::decode(run->status.state);
    if (!decoded) return false;
    ledger_ = std::move(decoded).value();
    state_ = run->status.state;
  }
  return engine::holds_end(ledger_, attempt_of(pod));
}

}  // namespace atelier::reconcile
