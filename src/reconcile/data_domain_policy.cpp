#include "reconcile/data_domain_policy.h"

#include <algorithm>
#include <tuple>

#include "atelier/api/validate.h"
#include "reconcile/admission.h"
#include "reconcile/publish_outcome.h"
#include "reconcile/status_conditions.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

constexpr Millis kSweepRetry{60'000};

bool same_folder(const api::DataDomain& one, const api::DataDomain& other) {
  return one.spec.key == other.spec.key && one.spec.storage.claim_name == other.spec.storage.claim_name;
}

// The older of two keeps the folder; uids decide between equals, so that all sides agree.
bool older(const api::DataDomain& one, const api::DataDomain& other) {
  const auto& left = one.metadata;
  const auto& right = other.metadata;
  return std::tie(left.creation_timestamp, left.uid) < std::tie(right.creation_timestamp, right.uid);
}

class Decider {
 public:
  explicit Decider(const DataDomainInput& input)
      : in_(input),
        domain_(input.domain),
        conditions_(domain_.status.conditions, out_.status.conditions, domain_.metadata.generation, input.now) {
    out_.status = domain_.status;
  }

  DataDomainDecision run() {
    if (domain_.metadata.deleting()) return std::move(out_);
    out_.status.observed_generation = domain_.metadata.generation;
    judge();
    note_claims();
    sweep();
    return std::move(out_);
  }

 private:
  void judge() {
    if (const auto refusal = admit(domain_, in_.tenant)) {
      ready(ConditionStatus::false_, refusal->reason, refusal->message);
      return;
    }
    for (const api::DataDomain* other : in_.neighbours) {
      if (same_folder(domain_, *other) && older(*other, domain_)) {
        ready(ConditionStatus::false_, "KeyTaken",
              "DataDomain \"" + other->metadata.name + "\" has the same spec.key and storage; choose another key");
        return;
      }
    }
    ready(ConditionStatus::true_, "Admitted", "admits workspaces to " + domain_.spec.key + "/dags on its storage");
  }

  // A claim is noted for each admitted workspace before its first publish pod can exist.
  void note_claims() {
    std::int64_t admitted = 0;
    for (const api::Workspace* workspace : in_.workspaces) {
      if (workspace->metadata.deleting() || admit(*workspace, &domain_)) continue;
      if (!api::is_dns_label(workspace->metadata.name)) continue;
      ++admitted;
      const api::StorageClaim claim{workspace->metadata.name, workspace->metadata.ns, workspace->metadata.uid};
      auto& claims = out_.status.claims;
      if (std::find(claims.begin(), claims.end(), claim) == claims.end()) claims.push_back(claim);
    }
    out_.status.workspaces = admitted;
  }

  bool held(const api::StorageClaim& claim) const {
    return std::any_of(in_.workspaces.begin(), in_.workspaces.end(),
                       [&](const api::Workspace* workspace) { return workspace->metadata.uid == claim.uid; });
  }

  std::vector<api::StorageClaim> orphans() const {
    std::vector<api::StorageClaim> out;
    for (const api::StorageClaim& claim : domain_.status.claims) {
      if (!held(claim)) out.push_back(claim);
    }
    return out;
  }

  void sweep() {
    if (in_.sweep_pod != nullptr) {
      observe_sweep(*in_.sweep_pod);
      return;
    }
    std::vector<api::StorageClaim> ripe;
    for (const api::StorageClaim& orphan : orphans()) {
      if (publisher_gone(orphan) && confirmed(orphan)) ripe.push_back(orphan);
    }
    if (ripe.empty()) return;
    out_.confirm.clear();  // answers last one round: the others are asked about when this sweep is over
    out_.create_pod = render::sweep_pod(domain_, ripe, in_.stage_image);
  }

  // A publish pod still at work would bring the name back after the sweep.
  bool publisher_gone(const api::StorageClaim& orphan) {
    for (const PodRecord* pod : in_.publish_pods) {
      if (pod->workspace_uid != orphan.uid) continue;
      if (!pod->deleting) out_.delete_pods.emplace_back(pod->name, pod->uid);
      return false;
    }
    return true;
  }

  bool confirmed(const api::StorageClaim& orphan) {
    if (in_.confirmed_gone.contains(orphan.uid)) return true;
    out_.confirm.push_back(orphan);
    return false;
  }

  void observe_sweep(const PodRecord& pod) {
    if (pod.deleting) return;
    if (pod.phase == PodPhase::succeeded) {
      const bool changed = std::erase_if(out_.status.claims, [&](const api::StorageClaim& claim) {
                             return covers(pod.claims, claim) && !held(claim);
                           }) > 0;
      if (!changed) out_.delete_pods.emplace_back(pod.name, pod.uid);
      conditions_.remove("SweepFailed");
      return;
    }
    const auto trouble = publish_trouble(pod);
    if (!trouble) return;
    condition("SweepFailed", ConditionStatus::true_, trouble->reason,
              "the folders of deleted workspaces cannot be removed yet: " + trouble->message);
    if (!trouble->ended) return;
    const WallTime again = trouble->time.value_or(in_.now) + kSweepRetry;
    if (again <= in_.now) {
      out_.delete_pods.emplace_back(pod.name, pod.uid);
    } else {
      out_.wake_at = again;
    }
  }

  static bool covers(const std::string& claims, const api::StorageClaim& claim) {
    const std::string wanted = "," + claim.name + "=" + claim.uid.value + ",";
    return ("," + claims + ",").find(wanted) != std::string::npos;
  }

  void ready(ConditionStatus status, const std::string& reason, const std::string& message) {
    condition("Ready", status, reason, message);
    if (status == ConditionStatus::true_) {
      conditions_.remove("Stalled");
    } else {
      condition("Stalled", ConditionStatus::true_, reason, message);
    }
  }

  void condition(const char* type, ConditionStatus status, const std::string& reason, const std::string& message) {
    const bool good = status == ConditionStatus::true_ && std::string_view(type) == "Ready";
    if (std::string_view(type) != "Stalled" && conditions_.is_news(type, status, reason)) {
      out_.notes.push_back({!good, reason, message});
    }
    conditions_.set(type, status, reason, message);
  }

  const DataDomainInput& in_;
  const api::DataDomain& domain_;
  DataDomainDecision out_;
  StatusConditions conditions_;
};

}  // namespace

DataDomainDecision decide(const DataDomainInput& input) { return Decider{input}.run(); }

}  // namespace atelier::reconcile
