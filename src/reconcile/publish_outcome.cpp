#include "reconcile/publish_outcome.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "atelier/api/validate.h"
#include "atelier/base/text.h"
#include "render/airflow_dag_ids.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestMessage = 512;  // of what a step said

// Failures that the same input meets again: the team changes the image or the spec.
constexpr std::array<std::string_view, 7> kContentReasons{"DagsFolderMissing", "DagsFolderEmpty", "DagsNotReadable",
                                                          "DagsRefused",       "PreflightFailed", "ReleaseMissing",
                                                          "UsageError"};
// Another workspace has what this one asks for, and may give it back: see stage/outcome.h.
constexpr int kTakenByAnother = 30;

// The scheduler says of a claim only that it waits.
std::string no_node(const std::string& scheduler) {
  const bool unbound = scheduler.find("unbound immediate PersistentVolumeClaims") != std::string::npos;
  return "the publish pod has no node: " + scheduler +
         (unbound ? " Nothing provides the volume of the DataDomain's claim: install a storage class, or a volume that "
                    "fits the claim; atelier doctor tells which classes there are"
                  : "");
}

bool is_content(std::string_view reason) {
  for (const std::string_view known : kContentReasons) {
    if (known == reason) return true;
  }
  return false;
}

const ContainerRecord* find(const std::vector<ContainerRecord>& containers, std::string_view name) {
  for (const ContainerRecord& container : containers) {
    if (*container.name == name) return &container;
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

// Files on the storage may be anybody's, so the number may be any; one that leaves no room for later ones is not taken.
std::optional<std::int64_t> newest_of(const json& message) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;
  const std::string digits = string_of(message, "newest");
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  return whole && out > 0 && out < kMost ? std::optional(out) : std::nullopt;
}

// The kubelet reports containerd's "docker-pullable://" no more, but may name an image by its bare id.
std::string digest_of(const ContainerRecord* stage) {
  if (stage == nullptr || stage->image_id->find("@sha256:") == std::string::npos) return "";
  const std::size_t scheme = stage->image_id->find("://");
  return scheme == std::string::npos ? *stage->image_id : stage->image_id->substr(scheme + 3);
}

// `digest` in the repository of `image`. Where a node has the same content from several repositories, the kubelet names
// any of them: it may be another team's, or one that is gone.
std::string of_repository(std::string_view image, const std::string& digest) {
  const std::size_t at = digest.find("@sha256:");
  if (image.empty() || at == std::string::npos) return digest;
  const std::size_t slash = image.rfind('/');
  const std::size_t tag = image.find_first_of(":@", slash == std::string_view::npos ? 0 : slash);
  return std::string(image.substr(0, tag)) + digest.substr(at);
}

bool is_teams_check(const ContainerRecord& container) { return container.name->starts_with(render::kTeamCheckPrefix); }

bool is_airflow(const ContainerRecord& container) { return container.name == render::kStepAirflowDagIds; }

// Whether a team's code runs there, in an image of its own or not.
bool is_teams(const ContainerRecord& container) {
  return container.name->starts_with(render::kTeamStepPrefix) || is_teams_check(container) || is_airflow(container);
}

// Ended by the kernel, the kubelet or the node, or unknown: the same step may do better next time.
bool was_killed(const ContainerRecord& container) {
  constexpr int kBySigkill = 137;
  constexpr int kBySigterm = 143;
  return container.exit_code == kBySigkill || container.exit_code == kBySigterm || container.reason == "OOMKilled" ||
         container.reason == "ContainerStatusUnknown";
}

std::string end_of(const ContainerRecord& container) {
  std::string out = "step \"" + container.name + "\" ended with exit code " + std::to_string(container.exit_code);
  if (!container.reason.empty() && container.reason != "Error") out += " (" + container.reason + ")";
  if (!container.message.empty()) out += ": " + bounded(container.message, kLongestMessage);
  return out;
}

// What matters of a check's output stands at its end.
std::string verdict_of(const ContainerRecord& container) {
  std::string out = is_airflow(container)
                        ? std::string("the image of the DataDomain's spec.airflow.image could not load the DAGs: it")
                        : "the check \"" + container.name->substr(std::string_view(render::kTeamCheckPrefix).size()) +
                              "\" of spec.dags.checks";
  out += " ended with exit code " + std::to_string(container.exit_code);
  if (!container.reason.empty() && container.reason != "Error") out += " (" + container.reason + ")";
  const std::string_view output = without_surrounding_space(container.message);
  if (!output.empty()) out += ": " + end_of_text(output, kLongestMessage);
  return out;
}

PublishTrouble ended_badly(const PodRecord& pod, const ContainerRecord& container) {
  PublishTrouble trouble{"StepFailed", "", true, true, container.finished ? container.finished : pod.created, {}};
  const auto message = is_teams(container) ? std::nullopt : message_of(container);
  if (!pod.reason.empty()) {
    trouble.reason = pod.reason;
    trouble.message = (pod.message.empty() ? "" : pod.message + "; ") + end_of(container);
  } else if (message && !string_of(*message, "reason").empty()) {
    trouble.reason = string_of(*message, "reason");
    trouble.message = string_of(*message, "message");
    trouble.retryable = !is_content(trouble.reason) || container.exit_code == kTakenByAnother;
    if (trouble.reason == "Superseded" && container.name == render::kStepPublish) trouble.newest = newest_of(*message);
  } else if ((is_teams_check(container) || is_airflow(container)) && !was_killed(container)) {
    trouble.reason = "PreflightFailed";
    trouble.message = verdict_of(container);
    trouble.retryable = false;
  } else if (is_teams(container) && !was_killed(container)) {
    trouble.message = end_of(container);
    trouble.retryable = false;
  } else {
    trouble.reason = "StepKilled";
    trouble.message = end_of(container);
  }
  return trouble;
}

std::optional<PublishTrouble> waiting(const ContainerRecord& container) {
  const std::string& reason = container.waiting->reason;
  const bool of_team = is_teams(container) || container.name == render::kStepStage;  // the others are of --stage-image
  const std::string field = is_airflow(container) ? "the DataDomain's spec.airflow.image" : "spec.image";
  const auto trouble = [&](const char* ours, const std::string& advice) {
    return PublishTrouble{
        ours, "step \"" + container.name + "\": " + container.waiting->message + advice, false, true, {}, {}};
  };
  if (reason == "ImagePullBackOff" || reason == "ErrImagePull" || reason == "ImageInspectError" ||
      reason == "RegistryUnavailable" || reason == "SignatureValidationFailed") {
    std::string advice = "; check the operator's --stage-image and that the node may pull it";
    if (of_team) advice = "; check " + field + " and that the DataDomain's spec.pullSecrets may pull it";
    return trouble("ImagePullFailed", advice + "; it is tried again by itself");
  }
  if (reason == "InvalidImageName") {
    return trouble("InvalidImageName", of_team ? "; correct " + field : "; correct the operator's --stage-image");
  }
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
  return Published{string_of(*message, "release"),
                   number_of(*message, "files"),
                   number_of(*message, "bytes"),
                   digest_of(find(pod.init_containers, render::kStepStage)),
                   container->finished,
                   message->value("copied", json()) == true};
}

api::WorkspaceRelease release_of(const PodRecord& pod, const Published& result) {
  api::WorkspaceRelease release;
  release.id = result.release;
  release.image = pod.storage->image;
  const std::string& chosen = *pod.storage->image_digest;
  release.image_digest = chosen.empty() ? of_repository(release.image, result.image_digest) : chosen;
  release.files = result.files;
  release.bytes = result.bytes;
  release.generation = pod.storage->generation;
  release.input_hash = pod.storage->input_hash;
  release.time = result.time;
  release.copied = result.copied;
  return release;
}

std::optional<PublishTrouble> publish_trouble(const PodRecord& pod) {
  for (const auto* list : {&pod.init_containers, &pod.containers}) {
    for (const ContainerRecord& container : *list) {
      if (container.terminated && container.exit_code != 0 && pod.terminal()) return ended_badly(pod, container);
      if (!pod.terminal()) {
        if (auto trouble = waiting(container)) return trouble;
      }
    }
  }
  if (pod.phase == PodPhase::failed) {
    return PublishTrouble{pod.reason.empty() ? "PodFailed" : pod.reason,
                          pod.message.empty() ? "the publish pod failed without a message" : pod.message,
                          true,
                          true,
                          pod.created,
                          {}};
  }
  if (pod.phase == PodPhase::succeeded && !published(pod) && pod.component == "publish") {
    return PublishTrouble{"PublisherUnreadable",
                          "the publish pod succeeded without saying what it published; does --stage-image name the "
                          "operator's own version?",
                          true,
                          true,
                          pod.created,
                          {}};
  }
  if (pod.phase == PodPhase::pending && !pod.conditions->unschedulable.empty()) {
    return PublishTrouble{"Unschedulable", no_node(pod.conditions->unschedulable), false, true, {}, {}};
  }
  return std::nullopt;
}

std::optional<api::StorageClaim> holder_of_name(const PodRecord& pod) {
  const ContainerRecord* container = find(pod.containers, render::kStepPublish);
  const auto message = container == nullptr ? std::nullopt : message_of(*container);
  if (pod.phase != PodPhase::failed || !message) return std::nullopt;
  const std::string reason = string_of(*message, "reason");
  api::StorageClaim out{string_of(*message, "holderName"), string_of(*message, "holderNamespace"),
                        Uid{string_of(*message, "holderUid")}};
  const bool has_name = reason == "NameTaken" && out.name == pod.workspace;
  const bool has_dag_id = reason == "PreflightFailed" && api::is_dns_label(out.name);
  const bool credible = (has_name || has_dag_id) && api::is_dns_label(out.ns) && api::is_dns_label(out.uid.value);
  return credible ? std::optional(std::move(out)) : std::nullopt;
}

WallTime slow_from(const PodRecord& pod, WallTime now) {
  constexpr Millis kSlow{120'000};
  return pod.created.value_or(now) + kSlow;
}

bool goes_well(const PodRecord& pod, WallTime now) {
  return !pod.deleting && !pod.terminal() && !publish_trouble(pod) && slow_from(pod, now) > now;
}

std::string current_step(const PodRecord& pod) {
  for (const auto* list : {&pod.init_containers, &pod.containers}) {
    for (const ContainerRecord& container : *list) {
      if (!container.terminated) return container.name;
    }
  }
  return "";
}

}  // namespace atelier::reconcile
