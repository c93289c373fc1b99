#include "reconcile/start_events.h"

#include <algorithm>

#include "atelier/kube/event_list.h"
#include "atelier/kube/request.h"
#include "reconcile/run_observation.h"

namespace atelier::reconcile {
namespace {

constexpr Millis kFirst{10'000};
constexpr Millis kLongest{300'000};
constexpr Millis kApart{5'000};  // of two pods of one run

std::string events_id(const std::string& pod) { return "list events of pod " + pod; }

bool is_silent(const engine::PodObservation& pod) {
  return pod.phase == engine::PodPhase::pending && !pod.deleting &&
         (pod.waiting_reason.empty() || pod.waiting_reason == "ContainerCreating" ||
          pod.waiting_reason == "PodInitializing");
}

}  // namespace

engine::PodObservation StartEvents::see(const PodRecord& pod) {
  engine::PodObservation seen = observe(pod);
  if (!is_silent(seen)) {
    pods_.erase(pod.name);
    return seen;
  }
  Silent& silent = pods_.try_emplace(pod.name, Silent{pod.uid, seen.created + kFirst, kFirst, "", ""}).first->second;
  if (silent.uid != pod.uid) silent = {pod.uid, seen.created + kFirst, kFirst, "", ""};
  if (!silent.reason.empty()) {
    seen.waiting_reason = silent.reason;
    seen.waiting_message = silent.message;
  }
  return seen;
}

void StartEvents::learn(const kube::Feedback& feedback) {
  for (const auto& [id, answer] : feedback.results) {
    if (!answer || !id.starts_with(events_id(""))) continue;
    const auto pod = pods_.find(id.substr(events_id("").size()));
    if (pod == pods_.end()) continue;
    const auto events = kube::read_events(answer.value());
    const kube::Event* why = kube::why_not_started(events);
    std::string reason = why == nullptr ? "" : why->reason;
    std::string message = why == nullptr ? "" : why->message;
    if (pod->second.reason == reason && pod->second.message == message) continue;
    pod->second.reason = std::move(reason);
    pod->second.message = std::move(message);
    news_.insert(pod->first);
  }
}

std::optional<WallTime> StartEvents::ask(kube::Plan& plan, const std::string& ns, WallTime now) {
  const auto by_due = [](const auto& one, const auto& other) { return one.second.due < other.second.due; };
  const auto first = std::min_element(pods_.begin(), pods_.end(), by_due);
  if (first == pods_.end()) return std::nullopt;
  const WallTime due = std::max(first->second.due, next_);
  if (due > now) return due;
  kube::ListOptions options;
  options.field_selector = "involvedObject.uid=" + first->second.uid.value;
  plan.writes.push_back({events_id(first->first),
                         kube::list(kube::kEvents, ns, options),
                         kube::kEvents.plural,
                         {ns, first->first},
                         kube::Answer::list});
  first->second.pause = std::min(2 * first->second.pause, kLongest);
  first->second.due = now + first->second.pause;
  return next_ = now + kApart;
}

}  // namespace atelier::reconcile
