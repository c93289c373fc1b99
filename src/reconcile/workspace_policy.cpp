#include "reconcile/workspace_policy.h"

#include <algorithm>

#include "atelier/api/validate.h"
#include "reconcile/admission.h"
#include "reconcile/publish_outcome.h"
#include "reconcile/status_conditions.h"
#include "render/deployment.h"
#include "render/labels.h"
#include "render/profile.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

// One decision in the making. Checks run in order; the first that settles the Ready condition ends the chain.
class Decider {
 public:
  explicit Decider(const WorkspaceInput& input)
      : in_(input),
        ws_(input.workspace),
        conditions_(ws_.status.conditions, out_.status.conditions, ws_.metadata.generation, input.now) {
    out_.status = ws_.status;
  }

  WorkspaceDecision run() {
    if (ws_.metadata.deleting()) return std::move(out_);  // owners and the DataDomain's sweep do the rest
    out_.status.observed_generation = ws_.metadata.generation;
    if (valid() && admitted() && domain_ready()) {
      publish();
      containers();
    }
    return std::move(out_);
  }

 private:
  bool valid() {
    const api::Violations violations = api::validate(ws_.metadata.name, ws_.spec);
    if (violations.empty()) return true;
    std::string message = violations.front().to_string();
    if (violations.size() > 1) message += " (and " + std::to_string(violations.size() - 1) + " more)";
    stalled(violations.front().reason, message);
    return false;
  }

  bool admitted() {
    const auto refusal = admit(ws_, in_.domain);
    if (!refusal) return true;
    stalled(refusal->reason, refusal->message);
    return false;
  }

  bool domain_ready() {
    const meta::Condition* ready = meta::find_condition(in_.domain->status.conditions, "Ready");
    if (ready != nullptr && ready->status == ConditionStatus::true_) {
      resources_ = render::effective_resources(ws_.spec.resources,
                                               in_.tenant == nullptr ? "" : in_.tenant->spec.default_profile);
      if (resources_) return true;
      stalled("UnknownProfile", "the BusinessDomain's spec.defaultProfile is not tiny, small, medium or large");
      return false;
    }
    const std::string domain = "DataDomain \"" + domain_key(ws_).to_string() + "\"";
    if (ready == nullptr) {
      progressing("DataDomainNotReady", domain + " has not been looked at yet");
    } else {
      stalled("DataDomainNotReady", domain + " is not ready: " + ready->message);
    }
    return false;
  }

  void publish() {
    wanted_ = render::publish_input_hash(ws_, *in_.domain);
    if (in_.publish_pod != nullptr) {
      observe_pod(*in_.publish_pod);
    } else if (live()) {
      out_.status.publish.reset();
      ready();
    } else {
      start();
    }
  }

  bool live() const { return ws_.status.release && ws_.status.release->input_hash == wanted_; }

  void observe_pod(const PodRecord& pod) {
    const bool ours = pod.workspace_uid == ws_.metadata.uid;
    if (pod.deleting) {
      progressing("Publishing", "waits for the former publish pod to be gone");
      return;
    }
    if (const auto result = ours ? published(pod) : std::nullopt) {
      record(pod, *result);
      return;
    }
    if (!ours || pod.input_hash != wanted_) {
      out_.delete_pod = pod.uid;
      progressing("Publishing", "replaces the publish pod of a former spec");
      return;
    }
    const auto trouble = publish_trouble(pod);
    if (!trouble) {
      progressing("Publishing", "publishes " + ws_.spec.image.reference());
    } else if (!trouble->ended) {
      failed(trouble->reason, trouble->message);
    } else {
      count_failure(pod, *trouble);
    }
  }

  // The storage changed when the pod succeeded, so status says it before the pod goes, even for a former spec.
  void record(const PodRecord& pod, const Published& result) {
    api::WorkspaceRelease release;
    release.id = result.release;
    release.image = pod.image;
    release.image_digest = result.image_digest;
    release.location = render::storage_location(*in_.domain, ws_.metadata.name);
    release.files = result.files;
    release.bytes = result.bytes;
    release.generation = pod.generation;
    release.input_hash = pod.input_hash;
    release.time = result.time;
    if (ws_.status.release == release) {
      out_.delete_pod = pod.uid;
    } else {
      out_.status.release = std::move(release);
      out_.status.publish.reset();
    }
    if (pod.input_hash == wanted_) {
      ready();
    } else {
      progressing("Publishing", "publishes " + ws_.spec.image.reference());
    }
  }

  void count_failure(const PodRecord& pod, const PublishTrouble& trouble) {
    const WallTime ended = trouble.time.value_or(in_.now);
    const auto& before = ws_.status.publish;
    const bool same_input = before && before->input_hash == wanted_;
    const bool counted = same_input && before->last_failure && *before->last_failure >= ended;
    if (!counted) {
      api::PublishAttempt attempt;
      attempt.input_hash = wanted_;
      attempt.attempts = (same_input ? before->attempts : 0) + 1;
      attempt.last_failure = ended;
      attempt.reason = trouble.reason;
      attempt.message = trouble.message;
      out_.status.publish = std::move(attempt);
    }
    if (!trouble.retryable) {
      stalled(trouble.reason, trouble.message);
      return;
    }
    failed(trouble.reason, trouble.message);
    const WallTime again = ended + publish_backoff(out_.status.publish->attempts);
    if (counted && again <= in_.now) {
      out_.delete_pod = pod.uid;
    } else {
      wake(again);
    }
  }

  void start() {
    const auto& claims = in_.domain->status.claims;
    const bool claimed = std::any_of(claims.begin(), claims.end(), [&](const api::StorageClaim& claim) {
      return claim.uid == ws_.metadata.uid && claim.name == ws_.metadata.name;
    });
    const auto& attempt = out_.status.publish;
    const bool after_failure = attempt && attempt->input_hash == wanted_ && attempt->attempts > 0;
    if (!claimed) {
      progressing("Publishing", "waits for the DataDomain to note the workspace's name");
      return;
    }
    out_.create_pod = render::publish_pod(ws_, *in_.domain, in_.stage_image);
    if (after_failure) {
      failed(attempt->reason, attempt->message);  // stays said until this attempt does better
    } else {
      progressing("Publishing", "publishes " + ws_.spec.image.reference());
    }
  }

  void containers() {
    if (ws_.spec.containers.empty()) {
      if (in_.deployment != nullptr && in_.deployment->owner == ws_.metadata.uid) out_.delete_deployment = true;
      conditions_.remove("ContainersAvailable");
      return;
    }
    if (!ws_.status.release) return;  // rolled only after a release is live, and status says so
    if (in_.deployment != nullptr && in_.deployment->owner != ws_.metadata.uid) {
      condition("ContainersAvailable", ConditionStatus::false_, "NameTaken",
                "a Deployment \"" + ws_.metadata.name + "\" that is not this Workspace's exists; rename one of them");
      return;
    }
    nlohmann::json wanted = render::deployment(ws_, *in_.domain, *resources_);
    const bool current =
        in_.deployment != nullptr &&
        in_.deployment->input_hash == wanted["metadata"]["annotations"][render::kInputHash].get<std::string>();
    if (!current) out_.apply_deployment = std::move(wanted);
    const bool available =
        current && in_.deployment->observed_generation >= in_.deployment->generation && in_.deployment->available > 0;
    if (available) {
      condition("ContainersAvailable", ConditionStatus::true_, "Available", "the long-running containers run");
    } else {
      const bool told = current && !in_.deployment->trouble.empty();
      condition("ContainersAvailable", ConditionStatus::false_, "Starting",
                told ? in_.deployment->trouble : "the long-running containers are being started");
    }
  }

  void ready() {
    const api::WorkspaceRelease& release = *out_.status.release;
    std::string message = "release " + release.id.substr(0, 12) + " (" + std::to_string(release.files) +
                          (release.files == 1 ? " file" : " files") + ") is live at " + release.location;
    if (in_.domain->spec.colocated && ws_.metadata.ns == in_.domain->metadata.ns) {
      message += "; the workspace shares the storage namespace, so every team there can reach all of the storage";
    }
    condition("Ready", ConditionStatus::true_, "Published", message);
    conditions_.remove("Reconciling");
    conditions_.remove("Stalled");
  }

  // Goes on by itself; what was live stays live. Ready keeps a True of the live release off while it is not current.
  void progressing(const std::string& reason, const std::string& message) {
    condition("Ready", ConditionStatus::false_, reason, message + still_live());
    condition("Reconciling", ConditionStatus::true_, reason, message);
    conditions_.remove("Stalled");
  }

  // Goes on by itself, but somebody should look.
  void failed(const std::string& reason, const std::string& message) {
    condition("Ready", ConditionStatus::false_, reason, message + still_live());
    condition("Reconciling", ConditionStatus::true_, "Retrying", "tries again by itself");
    conditions_.remove("Stalled");
  }

  // Goes on only after somebody changed something.
  void stalled(const std::string& reason, const std::string& message) {
    condition("Ready", ConditionStatus::false_, reason, message + still_live());
    condition("Stalled", ConditionStatus::true_, reason, message);
    conditions_.remove("Reconciling");
  }

  std::string still_live() const {
    if (!out_.status.release) return "";
    return "; release " + out_.status.release->id.substr(0, 12) + " stays live";
  }

  void condition(const char* type, ConditionStatus status, const std::string& reason, const std::string& message) {
    const bool told = std::string_view(type) == "Ready" && reason != "Publishing";
    if (told && conditions_.is_news(type, status, reason)) {
      out_.notes.push_back({status != ConditionStatus::true_, reason, message});
    }
    conditions_.set(type, status, reason, message);
  }

  void wake(WallTime at) { out_.wake_at = out_.wake_at ? std::min(*out_.wake_at, at) : at; }

  const WorkspaceInput& in_;
  const api::Workspace& ws_;
  WorkspaceDecision out_;
  StatusConditions conditions_;
  std::string wanted_;
  std::optional<render::EffectiveResources> resources_;
};

}  // namespace

Millis publish_backoff(std::int64_t failures) {
  Millis wait{10'000};
  for (std::int64_t i = 1; i < failures && wait < Millis{300'000}; ++i) wait *= 2;
  return std::min(wait, Millis{300'000});
}

WorkspaceDecision decide(const WorkspaceInput& input) { return Decider{input}.run(); }

}  // namespace atelier::reconcile
