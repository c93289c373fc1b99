#include "reconcile/publish_outcome.h"

#include <array>
#include <nlohmann/json.hpp>

#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

// Failures that the same input meets again: the team changes the image or the spec.
constexpr std::array<std::string_view, 6> kContentReasons{"DagsFolderMissing", "DagsFolderEmpty", "DagsNotReadable",
                                                          "DagsRefused",       "UsageError",      "StepFailed"};

bool is_content(std::string_view reason) {
  for (const std::string_view known : kContentReasons) {
    if (known == reason) return true;
  }
  return false;
}

const ContainerRecord* find(const std::vector<ContainerRecord>& containers, std::string_view name) {
  for (const ContainerRecord& container : containers) {
    if (container.name == name) return &container;
  }
  return nullptr;
}

// The team's image may print anything, so a message is data: taken only if it has the right form.
std::optional<json> message_of(const ContainerRecord& container) {
  json message = json::parse(container.message, nullptr, false);
  if (!message.is_object()) return std::nullopt;
  return message;
}

std::string string_of(const json& message, const char* key) {
  const auto at = message.find(key);
  return at != message.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::int64_t number_of(const json& message, const char* key) {
  const auto at = message.find(key);
  return at != message.end() && at->is_number_integer() ? at->get<std::int64_t>() : 0;
}

// The kubelet reports containerd's "docker-pullable://" no more, but may name an image by its bare id.
std::string digest_of(const ContainerRecord* stage) {
  if (stage == nullptr || stage->image_id.find("@sha256:") == std::string::npos) return "";
  const std::size_t scheme = stage->image_id.find("://");
  return scheme == std::string::npos ? stage->image_id : stage->image_id.substr(scheme + 3);
}

PublishTrouble ended_badly(const ContainerRecord& container) {
  PublishTrouble trouble{"StepFailed", "", true, true, container.finished};
  const auto message = message_of(container);
  const bool ours = !container.name.starts_with(render::kTeamStepPrefix);
  if (ours && message && !string_of(*message, "reason").empty()) {
    trouble.reason = string_of(*message, "reason");
    trouble.message = string_of(*message, "message");
  } else {
    trouble.message = "step \"" + container.name + "\" ended with exit code " + std::to_string(container.exit_code);
    if (!container.reason.empty() && container.reason != "Error") trouble.message += " (" + container.reason + ")";
    if (!container.message.empty()) trouble.message += ": " + container.message.substr(0, 512);
  }
  trouble.retryable = !is_content(trouble.reason);
  return trouble;
}

std::optional<PublishTrouble> waiting(const ContainerRecord& container) {
  const std::string& reason = container.waiting_reason;
  const auto trouble = [&](const char* ours, const std::string& advice) {
    return PublishTrouble{
        ours, "step \"" + container.name + "\": " + container.waiting_message + advice, false, true, {}};
  };
  if (reason == "ImagePullBackOff" || reason == "ErrImagePull" || reason == "ImageInspectError" ||
      reason == "RegistryUnavailable" || reason == "SignatureValidationFailed") {
    return trouble("ImagePullFailed",
                   "; check spec.image and that the DataDomain's spec.pullSecrets may pull it; it is tried again by "
                   "itself");
  }
  if (reason == "InvalidImageName") return trouble("InvalidImageName", "; correct spec.image");
  if (reason == "ErrImageNeverPull") {
    return trouble("ImagePullFailed", "; spec.image.pullPolicy is Never and the node does not have the image");
  }
  if (reason == "CreateContainerConfigError" || reason == "CreateContainerError" || reason == "RunContainerError") {
    return trouble("ContainerNotStarted", "");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Published> published(const PodRecord& pod) {
  if (pod.phase != PodPhase::succeeded) return std::nullopt;
  const ContainerRecord* container = find(pod.containers, render::kStepPublish);
  if (container == nullptr) return std::nullopt;
  const auto message = message_of(*container);
  if (!message || string_of(*message, "release").empty()) return std::nullopt;
  return Published{string_of(*message, "release"), number_of(*message, "files"), number_of(*message, "bytes"),
                   digest_of(find(pod.init_containers, render::kStepStage)), container->finished};
}

std::optional<PublishTrouble> publish_trouble(const PodRecord& pod) {
  for (const auto* list : {&pod.init_containers, &pod.containers}) {
    for (const ContainerRecord& container : *list) {
      if (container.terminated && container.exit_code != 0 && pod.terminal()) return ended_badly(container);
      if (!pod.terminal()) {
        if (auto trouble = waiting(container)) return trouble;
      }
    }
  }
  if (pod.phase == PodPhase::failed) {
    return PublishTrouble{pod.reason.empty() ? "PodFailed" : pod.reason,
                          pod.message.empty() ? "the publish pod failed without a message" : pod.message, true, true,
                          pod.created};
  }
  if (pod.phase == PodPhase::succeeded && !published(pod) && pod.component == "publish") {
    return PublishTrouble{"PublisherUnreadable",
                          "the publish pod succeeded without saying what it published; does --stage-image name the "
                          "operator's own version?",
                          true, true, pod.created};
  }
  if (pod.phase == PodPhase::pending && !pod.unschedulable.empty()) {
    return PublishTrouble{"Unschedulable", "the publish pod has no node: " + pod.unschedulable, false, true, {}};
  }
  return std::nullopt;
}

}  // namespace atelier::reconcile
