#include "reconcile/workspace_policy.h"

#include <algorithm>

#include "atelier/api/deployed_image.h"
#include "atelier/api/validate.h"
#include "reconcile/admission.h"
#include "reconcile/grants.h"
#include "reconcile/publish_outcome.h"
#include "reconcile/still_says.h"
#include "reconcile/workspace_airflow.h"
#include "reconcile/workspace_containers.h"
#include "reconcile/workspace_words.h"
#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

// One decision in the making. Checks run in order; the first that settles the Ready condition ends the chain.
class Decider : private WorkspaceWords {
 public:
  explicit Decider(const WorkspaceInput& input) : WorkspaceWords(input) {}

  WorkspaceDecision run() {
    if (ws_.metadata.deleting()) return std::move(out_);  // owners and the DataDomain's sweep do the rest
    out_.status.observed_generation = ws_.metadata.generation;
    // Who is not admitted has no profile: that of another tenant, or a seed, could be larger.
    if (!admit(ws_, in_.domain, in_.tenant)) resources_ = resources_of(ws_, in_.domain, in_.tenant);
    const auto limit = resources_ ? std::optional{resources_->max_parallel_pipelines} : std::nullopt;
    out_.status.places = decide_places(ws_.status.places, in_.seekers, limit);
    if (!valid() || !admitted() || !domain_ready()) {
      withdraw();
      follows_nothing();
    } else if (!follow()) {
      publish();
      containers();
    }
    airflow();
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
    auto refusal = beyond_sight(ws_, in_.watches);
    if (!refusal) refusal = admit(ws_, in_.domain);
    if (!refusal) return true;
    stalled(refusal->reason, refusal->message);
    return false;
  }

  bool domain_ready() {
    const meta::Condition* ready = meta::find_condition(in_.domain->status.conditions, "Ready");
    const std::string domain = "DataDomain \"" + domain_key(ws_).to_string() + "\"";
    if (const auto refusal = admit(*in_.domain, in_.tenant)) {  // which its status may not say yet
      stalled("DataDomainNotReady", domain + " is not ready: " + refusal->message);
      return false;
    }
    if (ready != nullptr && ready->status == ConditionStatus::true_) {
      const auto refusal = beyond_profile(ws_, in_.domain, in_.tenant);
      if (refusal) stalled(refusal->reason, refusal->message);
      return !refusal;
    }
    if (ready == nullptr) {
      progressing("DataDomainNotReady", domain + " has not been looked at yet");
    } else {
      stalled("DataDomainNotReady", domain + " is not ready: " + ready->message);
    }
    return false;
  }

  // Whether another image is to be deployed from now on: nothing is made of it before status says so.
  bool follow() {
    if (!ws_.spec.image.follow) {
      follows_nothing();
      return false;
    }
    FollowDecision decision = decide_follow(ws_, in_.followed, in_.now);
    // A tag that moves faster than a publish takes would never go live. Its end, or its being slow, decides anew.
    if (decision.deploys && is_being_published()) decision = {};
    if (decision.wake_at) wake(*decision.wake_at);
    if (decision.words) {
      condition(kImageFollowed, decision.words->status, decision.words->reason, decision.words->message);
    } else if (const meta::Condition* said = meta::find_condition(ws_.status.conditions, kImageFollowed)) {
      conditions_.set(kImageFollowed, said->status, said->reason, said->message);
    }
    if (!decision.choice) return false;
    if (decision.deploys) {
      ++out_.status.sequence_offset;
      out_.notes.push_back({false, "ImageChosen",
                            decision.choice->rule + " is " + decision.choice->repository + ":" + decision.choice->tag +
                                " now, " + decision.choice->digest});
    }
    out_.status.image = std::move(decision.choice);
    return true;
  }

  // What is chosen, by a pod that does well.
  bool is_being_published() const {
    const PodRecord* pod = in_.publish_pod;
    return pod != nullptr && claimed() && is_for(*pod, render::publish_input_hash(ws_, *in_.domain)) &&
           goes_well(*pod, in_.now);
  }

  void wait_for_image() {
    const meta::Condition* said = meta::find_condition(out_.status.conditions, kImageFollowed);
    withdraw();
    if (said == nullptr || said->status != ConditionStatus::false_) {
      progressing(kWaitsForImage, "waits for the image that spec.image.follow asks for");
    } else if (ws_.spec.image.follow->suspend) {
      stalled(kWaitsForImage, said->message);
    } else {
      failed(kWaitsForImage, said->message);
    }
  }

  // Spec or admission forbid what is under way. What it published before it ended is told all the same.
  void withdraw() {
    const PodRecord* pod = in_.publish_pod;
    if (pod == nullptr || !is_ours(*pod)) return;
    if (const auto result = published_here(*pod)) {
      note_release(*pod, *result);
    } else if (!pod->terminal()) {
      discard(*pod);
    }
  }

  void publish() {
    image_ = api::deployed_image(ws_);
    wanted_ = render::publish_input_hash(ws_, *in_.domain);
    if (!claimed()) {
      wait_for_claim();
    } else if (!image_ && ws_.spec.dags.release.empty()) {
      wait_for_image();
    } else if (in_.publish_pod != nullptr) {
      observe_pod(*in_.publish_pod);
    } else if (live()) {
      out_.status.publish.reset();
      ready();
    } else {
      start();
    }
  }

  std::string what_is_published() const {
    const std::string& former = ws_.spec.dags.release;
    return former.empty() ? "publishes " + image_->name : "goes back to release " + former;
  }

  bool live() const { return ws_.status.release && ws_.status.release->input_hash == wanted_; }

  // Of this workspace in its domain; null when there is none.
  const api::StorageClaim* claim() const {
    if (in_.domain == nullptr) return nullptr;
    for (const api::StorageClaim& claim : in_.domain->status.claims) {
      if (claim.uid == ws_.metadata.uid && claim.name == ws_.metadata.name) return &claim;
    }
    return nullptr;
  }

  bool claimed() const { return claim() != nullptr && !claim()->sweeping; }

  // What the workspace had in this domain is swept, or was, so nothing it says of itself is certain. The DataDomain
  // notes the claim only after that is in status, see data_domain_policy.h.
  void wait_for_claim() {
    const PodRecord* pod = in_.publish_pod;
    if (pod != nullptr && is_ours(*pod)) {
      discard(*pod);
    } else {
      doubt_release();
    }
    progressing("Publishing", claim() != nullptr
                                  ? "waits until the DataDomain has removed what this workspace left on its storage "
                                    "before; see the DataDomain's condition SweepFailed if that takes long"
                                  : "waits for the DataDomain to note the workspace's name");
  }

  bool is_ours(const PodRecord& pod) const { return pod.storage->workspace_uid == ws_.metadata.uid; }

  bool is_for(const PodRecord& pod, const std::string& wanted) const {
    return is_ours(pod) && pod.storage->input_hash == wanted && pod.storage->data_domain == in_.domain->metadata.name;
  }

  std::optional<Published> published_here(const PodRecord& pod) const {
    const bool here = claimed() && is_ours(pod) && pod.storage->data_domain == in_.domain->metadata.name;
    return here ? published(pod) : std::nullopt;
  }

  void observe_pod(const PodRecord& pod) {
    if (const auto result = published_here(pod)) {
      note_release(pod, *result);
      if (pod.storage->input_hash == wanted_) {
        ready();
      } else {
        progressing("Publishing", what_is_published());
      }
      return;
    }
    if (pod.deleting) {
      if (is_ours(pod)) discard(pod);  // whoever deleted it
      under_way("waits for the former publish pod to be gone");
      return;
    }
    if (!is_ours(pod)) {
      out_.delete_pod = pod.uid;
      under_way("replaces the publish pod of a former workspace");
      return;
    }
    if (!is_for(pod, wanted_)) {
      discard(pod);
      under_way("replaces the publish pod of a former spec");
      return;
    }
    const auto trouble = publish_trouble(pod);
    if (!trouble) {
      observe_progress(pod);
    } else if (trouble->ended) {
      count_failure(pod, *trouble);
    } else if (pod.storage->pod_hash != annotation(rendered_pod(), render::kPodHash)) {
      discard(pod);
      under_way("replaces the publish pod that waits, because it would be another one now");
    } else {
      failed(trouble->reason, trouble->message);
    }
  }

  // It is slow rather than wrong, so it is left alone until its deadline.
  void observe_progress(const PodRecord& pod) {
    const std::string name = pod.ns + "/" + pod.name;
    const std::string& why = in_.why_not_started;
    if (!why.empty()) return failed("PublishNotStarted", "the publish pod " + name + " is not started: " + why);
    const WallTime slow = slow_from(pod, in_.now);
    if (slow > in_.now) {
      under_way(what_is_published());
      wake(slow);
      return;
    }
    const std::string step = current_step(pod);
    failed("PublishSlow", "the publish pod " + name + " is under way for more than 2 minutes" +
                              (step.empty() ? "" : ", at its step \"" + step + "\"") +
                              "; see kubectl describe pod -n " + pod.ns + " " + pod.name);
  }

  // The storage changed when the pod succeeded, so status says it before the pod goes, even for a former spec.
  void note_release(const PodRecord& pod, const Published& result) {
    api::WorkspaceRelease release = release_of(pod, result);
    release.location = render::storage_location(*in_.domain, ws_.metadata.name);
    if (ws_.status.release != release) {
      remember(release);
      out_.status.release = std::move(release);
      out_.status.publish.reset();
    } else if (!pod.deleting) {
      out_.delete_pod = pod.uid;
    }
  }

  // What can be gone back to, and which image it came from: the storage does not know that.
  void remember(const api::WorkspaceRelease& release) {
    auto& known = out_.status.releases;
    std::erase_if(known, [&](const api::FormerRelease& former) { return former.id == release.id; });
    known.insert(known.begin(), {release.id, release.image, release.image_digest, release.time});
    known.resize(std::min(known.size(), static_cast<std::size_t>(ws_.spec.dags.keep_releases)));
  }

  void doubt_release() {
    if (out_.status.release) out_.status.release->input_hash.clear();
  }

  // A pod may change what is live until it is gone, and a failed one may have. Status says so before it is deleted, so
  // that no spec finds itself live without another publish.
  void discard(const PodRecord& pod) {
    if (ws_.status.release && !ws_.status.release->input_hash.empty()) {
      doubt_release();
    } else if (!pod.deleting) {
      out_.delete_pod = pod.uid;
    }
  }

  void count_failure(const PodRecord& pod, const PublishTrouble& trouble) {
    const auto& before = ws_.status.publish;
    const bool same_input = before && before->input_hash == wanted_;
    const bool counted = same_input && before->pod == pod.uid;
    if (!counted) {
      api::PublishAttempt attempt;
      attempt.input_hash = wanted_;
      attempt.attempts = (same_input ? before->attempts : 0) + 1;
      attempt.last_failure = trouble.time.value_or(in_.now);
      attempt.reason =
          trouble.reason == "DeadlineExceeded" ? reason_of_wait().value_or(trouble.reason) : trouble.reason;
      attempt.message = trouble.message;
      attempt.pod = pod.uid;
      out_.status.publish = std::move(attempt);
      if (trouble.newest) catch_up_with(*trouble.newest);
    }
    const api::PublishAttempt& attempt = *out_.status.publish;
    if (!trouble.retryable) {
      stalled(attempt.reason, attempt.message);
      return;
    }
    failed(attempt.reason, attempt.message);
    const WallTime again = attempt.last_failure.value_or(in_.now) + failure_backoff(attempt.attempts);
    if (again > in_.now) {
      wake(again);
    } else if (counted) {
      discard(pod);
    }
  }

  // The storage has seen a later publish than this status knows of, which was lost then: what the spec asks for now is
  // newer, and a leader of old is kept from saying so by the resource version of this very write.
  void catch_up_with(std::int64_t newest) {
    auto& offset = out_.status.sequence_offset;
    offset = std::max(offset, newest + 1 - ws_.metadata.generation);
  }

  // What Ready says a pod waited for until its deadline ended it.
  std::optional<std::string> reason_of_wait() const {
    const meta::Condition* ready = meta::find_condition(ws_.status.conditions, "Ready");
    if (ready == nullptr || ready->observed_generation != ws_.metadata.generation) return std::nullopt;
    const std::string& reason = ready->reason;
    const bool wait = reason == "ImagePullFailed" || reason == "InvalidImageName" || reason == "ContainerNotStarted";
    return wait ? std::optional(reason) : std::nullopt;
  }

  const nlohmann::json& rendered_pod() {
    if (rendered_pod_.is_null()) rendered_pod_ = render::publish_pod(ws_, *in_.domain, in_.stage_image);
    return rendered_pod_;
  }

  void start() {
    const nlohmann::json& pod = rendered_pod();
    if (in_.refusals.pod.refused(annotation(pod, render::kPodHash))) {
      failed("PodRefused", "the API server refuses the publish pod: " + in_.refusals.pod.message +
                               "; change what it names in namespace \"" + in_.domain->metadata.ns +
                               "\", a quota, a policy or the operator's role; it is tried again by itself");
      if (in_.refusals.pod.again() > in_.now) {
        wake(in_.refusals.pod.again());
        return;
      }
    } else if (!still_says(ws_, "Ready", "PodRefused")) {
      under_way(what_is_published());
    }
    out_.create_pod = pod;
  }

  void containers() {
    ContainersDecision decision = decide_containers(in_, *resources_);
    if (decision.none) conditions_.remove("ContainersAvailable");
    if (decision.words) {
      condition("ContainersAvailable", decision.words->status, decision.words->reason, decision.words->message);
    }
    out_.apply_deployment = std::move(decision.apply);
    out_.delete_deployment = decision.remove;
    if (decision.wake_at) wake(*decision.wake_at);
  }

  void airflow() {
    if (const auto words = airflow_words(in_)) {
      condition("AirflowEnv", words->status, words->reason, words->message);
    } else {
      conditions_.remove("AirflowEnv");
    }
  }

  // A retry keeps the words of the failure before it until it ends better or otherwise.
  void under_way(const std::string& message) {
    const auto& last = out_.status.publish;
    if (last && last->input_hash == wanted_ && last->attempts > 0) {
      failed(last->reason, last->message + "; attempt " + std::to_string(last->attempts + 1) + " is under way");
    } else {
      progressing("Publishing", message);
    }
  }

  void wake(WallTime at) { out_.wake_at = out_.wake_at ? std::min(*out_.wake_at, at) : at; }

  std::optional<api::DeployedImage> image_;
  std::string wanted_;
  nlohmann::json rendered_pod_;
  std::optional<render::EffectiveResources> resources_;
};

}  // namespace

WorkspaceDecision decide(const WorkspaceInput& input) { return Decider{input}.run(); }

}  // namespace atelier::reconcile
