#include "engine/outcome.h"

#include <algorithm>
#include <array>

#include "engine/clocks.h"

namespace atelier::engine {
namespace {

std::string exit_text(const PodObservation& pod) {
  if (!pod.exit_code) return "";
  return "exit code " + std::to_string(*pod.exit_code);
}

// The end of what the task said is where its error is.
std::string last_lines(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  constexpr std::size_t kMost = 200;
  if (text.size() <= kMost) return std::string(text);
  text.remove_prefix(text.size() - kMost);
  while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xc0U) == 0x80U) text.remove_prefix(1);
  return "..." + std::string(text);
}

std::string joined(const std::string& left, const std::string& right) {
  return left + (left.empty() || right.empty() ? "" : ": ") + right;
}

// Reasons of a pod that a kubelet, a node's end or the scheduler gives. Source: pkg/kubelet and its lifecycle package.
bool is_of_cluster(std::string_view reason) {
  static constexpr std::array<std::string_view, 14> kReasons{"Evicted",
                                                             "Preempting",
                                                             "NodeShutdown",
                                                             "Terminated",
                                                             "NodeLost",
                                                             "NodeAffinity",
                                                             "OutOfcpu",
                                                             "OutOfmemory",
                                                             "OutOfpods",
                                                             "Shutdown",
                                                             "TopologyAffinityError",
                                                             "UnexpectedAdmissionError",
                                                             "ContainerStatusUnknown",
                                                             "OutOfephemeral-storage"};
  return std::find(kReasons.begin(), kReasons.end(), reason) != kReasons.end();
}

// Of a container that waits for its image. Source: pkg/kubelet/images/types.go.
bool is_of_image(std::string_view reason) {
  static constexpr std::array<std::string_view, 7> kReasons{
      "ImagePullBackOff",    "ErrImagePull",      "ErrImageNeverPull",        "InvalidImageName",
      "RegistryUnavailable", "ImageInspectError", "SignatureValidationFailed"};
  return std::find(kReasons.begin(), kReasons.end(), reason) != kReasons.end();
}

Outcome by_cluster(std::string reason, std::string message) {
  return {.reason = std::move(reason), .message = std::move(message), .by_cluster = true};
}

}  // namespace

Outcome outcome_of(const PodObservation& pod) {
  if (pod.phase == PodPhase::succeeded) return {.succeeded = true};
  const bool disrupted = !pod.disruption_reason.empty();
  if (pod.phase != PodPhase::failed && disrupted) return by_cluster(pod.disruption_reason, pod.disruption_message);
  if (pod.phase != PodPhase::failed) {
    return by_cluster("PodLost", "the pod was removed before it ended; its node may be gone or it was deleted");
  }
  if (pod.reason == "DeadlineExceeded") return {.reason = "TimedOut", .message = "it ran longer than its timeout"};
  if (is_of_cluster(pod.reason)) return by_cluster(pod.reason, bounded(joined(exit_text(pod), pod.message)));
  if (pod.reason == kOutOfMemory) {
    return {.reason = pod.reason, .message = bounded(joined(exit_text(pod), pod.message))};
  }
  if (disrupted && !pod.ended_before) {
    return by_cluster(pod.disruption_reason, bounded(joined(exit_text(pod), pod.disruption_message)));
  }
  if (pod.deleting && !pod.ended_before) return by_cluster("PodDeleted", "the pod was deleted while it ran");
  const std::string said = joined(exit_text(pod), last_lines(pod.termination_message));
  return {.reason = pod.reason.empty() || pod.reason == "Error" ? "TaskFailed" : pod.reason,
          .message = bounded(joined(said, pod.message))};
}

Outcome lost() { return by_cluster("PodLost", "the pod is gone and left no outcome; it was removed by force"); }

Outcome not_started(const PodObservation& pod, const Entry& entry) {
  const bool known = entry.state == TaskState::running && !entry.reason.empty();
  const std::string& reason = known ? entry.reason : pod.waiting_reason;
  const std::string words = joined(reason, known ? entry.message : pod.waiting_message);
  return by_cluster(is_of_image(reason) ? kImagePullFailed : kPendingTimedOut,
                    bounded("it did not start in time" + (words.empty() ? "" : "; " + words)));
}

}  // namespace atelier::engine
