#include "reconcile/workspace_words.h"

#include <string_view>

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

bool is_told(std::string_view type, const std::string& reason) {
  if (type == "ContainersAvailable") return reason == "DeploymentRefused";
  if (type == "AirflowEnv") return reason == "EnvConflict" || reason == "EnvTooLarge";
  if (type != "Ready" && type != kImageFollowed) return false;
  return reason != "Publishing" && reason != kWaitsForImage && reason != "Following";
}

}  // namespace

WorkspaceWords::WorkspaceWords(const WorkspaceInput& input)
    : in_(input),
      ws_(input.workspace),
      conditions_(ws_.status.conditions, out_.status.conditions, ws_.metadata.generation, input.now) {
  out_.status = ws_.status;
}

void WorkspaceWords::ready() {
  const api::WorkspaceRelease& release = *out_.status.release;
  std::string message = "release " + release.id.substr(0, 12) + " (" + std::to_string(release.files) +
                        (release.files == 1 ? " file" : " files") + ") is live at " + release.location;
  if (!ws_.spec.dags.release.empty()) message += ", and stays so until spec.dags.release is removed";
  if (release.copied) message += "; the storage knows no links, so files change one after the other";
  if (in_.domain->spec.colocated && ws_.metadata.ns == in_.domain->metadata.ns) {
    message += "; the workspace shares the storage namespace, so every team there can reach all of the storage";
  }
  condition("Ready", ConditionStatus::true_, "Published", message);
  conditions_.remove("Reconciling");
  conditions_.remove("Stalled");
}

void WorkspaceWords::progressing(std::string reason, std::string message) {
  condition("Ready", ConditionStatus::false_, reason, message + still_live());
  condition("Reconciling", ConditionStatus::true_, std::move(reason), std::move(message));
  conditions_.remove("Stalled");
}

void WorkspaceWords::failed(std::string reason, std::string message) {
  condition("Ready", ConditionStatus::false_, reason, message + still_live());
  condition("Reconciling", ConditionStatus::true_, "Retrying", "tries again by itself");
  conditions_.remove("Stalled");
}

void WorkspaceWords::stalled(std::string reason, std::string message) {
  condition("Ready", ConditionStatus::false_, reason, message + still_live());
  condition("Stalled", ConditionStatus::true_, std::move(reason), std::move(message));
  conditions_.remove("Reconciling");
}

void WorkspaceWords::follows_nothing() {
  const meta::Condition* ready = meta::find_condition(out_.status.conditions, "Ready");
  if (!ws_.spec.image.follow) {
    conditions_.remove(kImageFollowed);
    out_.status.image.reset();
  } else if (ready != nullptr) {
    // No Event: there is one for Ready.
    conditions_.set(kImageFollowed, ConditionStatus::unknown, ready->reason,
                    "no image is chosen meanwhile: " + ready->message);
  }
}

void WorkspaceWords::condition(const char* type, ConditionStatus status, std::string reason, std::string message) {
  if (is_told(type, reason) && conditions_.is_news(type, status, reason)) {
    out_.notes.push_back({status != ConditionStatus::true_ && reason != "Suspended", reason, message});
  }
  conditions_.set(type, status, std::move(reason), std::move(message));
}

std::string WorkspaceWords::still_live() const {
  const auto& release = out_.status.release;
  if (!release) return "";
  return "; release " + release->id.substr(0, 12) + (release->input_hash.empty() ? " was live last" : " stays live");
}

}  // namespace atelier::reconcile
