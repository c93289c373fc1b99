#include "reconcile/pod_retention.h"

#include <algorithm>
#include <tuple>
#include <vector>

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
constexpr std::size_t kAtOnce = 100;  // deletions because of the number
constexpr Millis kNextHundred{1'000};

// Absent where the kubelet never said: it was evicted before it ran, or its node is lost.
std::optional<WallTime> end_of(const PodRecord& pod) {
  std::optional<WallTime> end;
  for (const auto* containers : {&pod.containers, &pod.init_containers}) {
    for (const ContainerRecord& one : *containers) end = std::max(end, one.finished);
  }
  return end;
}

// Its name follows from the run's uid. Labels can be written by anyone in the namespace.
bool is_of_attempt(const PodRecord& pod) {
  return engine::pod_name({pod.ns, pod.run}, pod.run_uid, {pod.task, pod.item, pod.attempt}) == pod.name;
}

struct Ended {
  bool succeeded;
  WallTime end;
  const PodRecord* pod;

  // Whether it goes before the other.
  bool operator<(const Ended& other) const {
    return std::tuple(!succeeded, end, pod->name) < std::tuple(!other.succeeded, other.end, other.pod->name);
  }
};

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
  const auto history = history_of(*pod);
  if (history == nullptr) {
    plan.requeue_after = kUnknown;
    return plan;
  }
  const auto due = pod_due(*pod, history->pod_age, seen);
  if (due && *due <= now && !is_committed(*pod)) {
    plan.requeue_after = kUnknown;
  } else if (due && *due <= now) {
    plan.writes.push_back(delete_pod(key, pod->uid));
  } else {
    plan.requeue_after = wait_until(due, now);
    limit(plan, *pod, history->pods_per_run, now);
  }
  return plan;
}

void PodRetention::limit(kube::Plan& plan, const PodRecord& pod, std::int64_t most, WallTime now) {
  const auto keep = static_cast<std::size_t>(most);
  const auto pods = world_.pods.objects_of(kByRun, ObjectKey{pod.ns, pod.run}.to_string());
  if (pods.size() <= keep + keep / 10) return;
  const Uid run = pod.run_uid;
  std::vector<Ended> ended;
  for (const auto& one : pods) {
    if (!concerns_retention(*one) || one->run_uid != run) continue;
    if (const auto end = end_of(*one)) ended.push_back({one->phase == PodPhase::succeeded, *end, one.get()});
  }
  if (ended.size() <= keep + keep / 10) return;
  const auto first_kept = ended.begin() + static_cast<std::ptrdiff_t>(ended.size() - keep);
  std::nth_element(ended.begin(), first_kept, ended.end());
  std::optional<WallTime> next;
  for (auto one = ended.begin(); one != first_kept; ++one) {
    const WallTime due = one->end + api::History::kShortestAge;
    if (due > now) {
      next = next ? std::min(*next, due) : due;
    } else if (plan.writes.size() == kAtOnce) {
      next = now + kNextHundred;
      break;
    } else if (is_of_attempt(*one->pod) && is_committed(*one->pod)) {
      plan.writes.push_back(delete_pod(one->pod->key(), one->pod->uid));
    }
  }
  const auto wait = wait_until(next, now);
  if (wait) plan.requeue_after = std::min(plan.requeue_after.value_or(*wait), *wait);
}

std::shared_ptr<const api::History> PodRetention::history_of(const PodRecord& pod) const {
  const ObjectKey key{pod.ns, pod.run};
  const auto run = world_.runs.get(key);
  if (run == nullptr || !run->status.pin) return nullptr;
  if (pod.run_uid != run->metadata.uid || !is_of_attempt(pod)) return nullptr;
  const auto revision = world_.revisions.get({key.ns, run->status.pin->revision});
  if (revision == nullptr) return nullptr;
  return {revision, &revision->plan.pipeline.history};
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
