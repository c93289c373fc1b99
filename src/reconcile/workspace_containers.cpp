#include "reconcile/workspace_containers.h"

#include <tuple>

#include "atelier/base/text.h"
#include "reconcile/still_says.h"
#include "render/deployment.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

constexpr const char* kRefused = "DeploymentRefused";
constexpr std::size_t kLongestMessage = 512;  // of what the node says

// The others are of rollouts before, and stay until this one runs.
const PodRecord* newest_pod(const WorkspaceInput& input) {
  const PodRecord* newest = nullptr;
  for (const auto& pod : input.container_pods) {
    if (pod->deleting) continue;
    const bool newer = newest == nullptr || std::tie(newest->created, newest->name) < std::tie(pod->created, pod->name);
    if (newer) newest = pod.get();
  }
  return newest;
}

// An image that cannot be pulled is ErrImagePull and ImagePullBackOff by turns; the latter quotes the former.
std::string words_of(const ContainerRecord& container) {
  constexpr std::string_view kQuote = "ErrImagePull: ";
  std::string reason = container.waiting->reason;
  std::string_view message = *container.waiting->message;
  if (reason == "ImagePullBackOff") {
    reason = "ErrImagePull";
    if (const std::size_t at = message.find(kQuote); at != message.npos) message.remove_prefix(at + kQuote.size());
  }
  return "(" + reason + "): " + bounded(message, kLongestMessage);
}

// What the node says of the first container that it does not start: a Secret or an image that is not there, a crash.
// Empty while it is only slow.
std::string trouble_on_the_node(const WorkspaceInput& input) {
  const PodRecord* pod = newest_pod(input);
  if (pod == nullptr) return "";
  for (const ContainerRecord& container : pod->containers) {
    const std::string& reason = container.waiting->reason;
    if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") continue;
    return "container \"" + container.name + "\" does not start " + words_of(container);
  }
  return "";
}

ConditionWords state_of(const DeploymentRecord* current, const WorkspaceInput& input) {
  if (current != nullptr && current->rolled_out()) {
    return {ConditionStatus::true_, "Available", "the long-running containers run"};
  }
  const std::string on_node = current == nullptr ? "" : trouble_on_the_node(input);
  if (!on_node.empty()) return {ConditionStatus::false_, "Starting", on_node};
  const bool told = current != nullptr && !current->trouble.empty();
  return {ConditionStatus::false_, "Starting",
          told ? current->trouble : "the long-running containers are being started"};
}

}  // namespace

ContainersDecision decide_containers(const WorkspaceInput& input, const render::EffectiveResources& resources) {
  const api::Workspace& workspace = input.workspace;
  const DeploymentRecord* deployment = input.deployment;
  ContainersDecision out;
  if (workspace.spec.containers.empty()) {
    out.none = true;
    out.remove = deployment != nullptr && deployment->owner == workspace.metadata.uid;
    return out;
  }
  if (!workspace.status.release) return out;
  if (deployment != nullptr && deployment->owner != workspace.metadata.uid) {
    out.words = {
        ConditionStatus::false_, "NameTaken",
        "a Deployment \"" + workspace.metadata.name + "\" that is not this Workspace's exists; rename one of them"};
    return out;
  }
  nlohmann::json wanted = render::deployment(workspace, *input.domain, resources);
  const std::string hash = annotation(wanted, render::kInputHash);
  if (deployment != nullptr && deployment->input_hash == hash) {
    out.words = state_of(deployment, input);
    return out;
  }
  const RefusedWrite& refusal = input.refusals.deployment;
  if (refusal.refused(hash)) {
    out.words = {ConditionStatus::false_, kRefused,
                 "the API server refuses the Deployment: " + refusal.message +
                     "; change what it names in this namespace, a quota, a policy or the operator's role; it is tried "
                     "again by itself"};
    if (refusal.again() > input.now) {
      out.wake_at = refusal.again();
      return out;
    }
  } else if (!still_says(workspace, "ContainersAvailable", kRefused)) {
    out.words = state_of(nullptr, input);
  }
  out.apply = std::move(wanted);
  return out;
}

}  // namespace atelier::reconcile
