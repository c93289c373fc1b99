#include "engine/outcome.h"

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

}  // namespace

Outcome outcome_of(const PodObservation& pod) {
  if (pod.phase == PodPhase::succeeded) return {true, "", ""};
  if (pod.phase != PodPhase::failed) {
    return {false, "PodLost", "the pod was removed before it ended; its node may be gone or it was deleted"};
  }
  if (pod.reason == "DeadlineExceeded") return {false, "TimedOut", "it ran longer than its timeout"};
  if (pod.reason == "Evicted" || pod.reason == "OOMKilled") {
    return {false, pod.reason, bounded(joined(exit_text(pod), pod.message))};
  }
  if (pod.deleting) return {false, "PodDeleted", "the pod was deleted while it ran"};
  const std::string said = joined(exit_text(pod), last_lines(pod.termination_message));
  return {false, pod.reason.empty() || pod.reason == "Error" ? "TaskFailed" : pod.reason,
          bounded(joined(said, pod.message))};
}

Outcome lost() { return {false, "PodLost", "the pod is gone and left no outcome; it was removed by force"}; }

}  // namespace atelier::engine
