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
    if (twin_) {
      // Whatever is in the folder is the twin's business.
      const PodRecord* pod = in_.sweep_pod;
      if (pod != nullptr && !pod->deleting && !pod->terminal()) out_.delete_pods.emplace_back(pod->name, pod->uid);
    } else {
      note_claims();
      note_holders();
      sweep();
    }
    return std::move(out_);
  }

 private:
  void judge() {
    if (!api::is_dns_label(domain_.metadata.name)) {
      ready(ConditionStatus::false_, "InvalidName",
            "metadata.name: \"" + domain_.metadata.name +
                "\" becomes a label of pods, so it may have at most 63 of a-z, 0-9 and -, and no dot; delete this "
                "DataDomain and make one with another name");
      return;
    }
    if (const auto refusal = admit(domain_, in_.tenant)) {
      ready(ConditionStatus::false_, refusal->reason, refusal->message);
      return;
    }
    for (const api::DataDomain* other : in_.neighbours) {
      if (same_folder(domain_, *other) && older(*other, domain_)) {
        twin_ = true;
        ready(ConditionStatus::false_, "KeyTaken",
              "DataDomain \"" + other->metadata.name +
                  "\" has the same spec.key and storage; delete this DataDomain and make one with another key, or set "
                  "another spec.storage.claimName");
        return;
      }
    }
    ready(ConditionStatus::true_, "Admitted",
          "admits workspaces to " + domain_.spec.key + "/dags on its storage" + what_is_unseen());
  }

  std::string what_is_unseen() const {
    if (in_.watches.all()) return "";
    std::set<std::string> elsewhere;
    for (const api::StorageClaim& claim : domain_.status.claims) {
      if (!in_.watches.contains(claim.ns)) elsewhere.insert(claim.ns);
    }
    std::string text =
        "; the operator watches chosen namespaces only: no BusinessDomain is asked, and what only one can grant is "
        "refused";
    if (elsewhere.empty()) return text;
    text += "; Workspaces of namespaces that are not watched keep their names there:";
    for (const std::string& ns : elsewhere) text += " " + ns;
    return text;
  }

  // A claim is noted for each admitted workspace before its first publish pod can exist, and after a sweep only once
  // the workspace does not take its former release for live any more.
  void note_claims() {
    std::int64_t admitted = 0;
    for (const api::Workspace* workspace : in_.workspaces) {
      if (workspace->metadata.deleting() || admit(*workspace, &domain_)) continue;
      if (!api::is_dns_label(workspace->metadata.name)) continue;
      ++admitted;
      if (!noted(workspace->metadata.uid) && !names_live_release(*workspace)) {
        out_.status.claims.push_back({workspace->metadata.name, workspace->metadata.ns, workspace->metadata.uid});
      }
    }
    out_.status.workspaces = admitted;
  }

  // Names and dag_ids on the storage of whose holders status knows nothing, because this DataDomain was made again or
  // restored; and those of a publish pod that a request made so late that the sweep of its name is over: it may have
  // taken the name again. Like those of all claims, their Workspaces are looked for before anything is swept.
  void note_holders() {
    for (const PodRecord* pod : in_.publish_pods) {
      if (!is_own(*pod)) continue;
      note({pod->workspace, pod->storage->workspace_namespace, pod->storage->workspace_uid});
      if (const auto holder = holder_of_name(*pod)) note(*holder);
    }
  }

  void note(const api::StorageClaim& claim) {
    const bool credible = api::is_dns_label(claim.name) && api::is_dns_label(claim.ns) && !claim.uid.value.empty();
    if (credible && !noted(claim.uid) && !held(claim.uid)) out_.status.claims.push_back(claim);
  }

  bool is_own(const PodRecord& pod) const { return pod.storage->data_domain == domain_.metadata.name; }

  bool noted(const Uid& workspace) const {
    const auto& claims = out_.status.claims;
    return std::any_of(claims.begin(), claims.end(), [&](const api::StorageClaim& c) { return c.uid == workspace; });
  }

  // In the cluster, not only in this decision.
  bool is_written(const Uid& workspace) const {
    const auto& claims = domain_.status.claims;
    return std::any_of(claims.begin(), claims.end(), [&](const api::StorageClaim& c) { return c.uid == workspace; });
  }

  bool held(const Uid& uid) const {
    return std::any_of(in_.workspaces.begin(), in_.workspaces.end(),
                       [&](const api::Workspace* workspace) { return workspace->metadata.uid == uid; });
  }

  void sweep() {
    if (in_.sweep_pod != nullptr) {
      observe_sweep(*in_.sweep_pod);
    } else if (!start_sweep()) {
      mark_orphans();
    }
  }

  // From the mark on nobody relies on the claim, though its Workspace come back meanwhile. A publish pod is deleted
  // only when the claim is written: nothing else would tell that there is something to sweep.
  void mark_orphans() {
    bool marked = false;
    for (api::StorageClaim& claim : out_.status.claims) {
      if (held(claim.uid) || !is_written(claim.uid) || !in_.watches.contains(claim.ns)) continue;
      if (!publisher_gone(claim) || !confirmed(claim)) continue;
      claim.sweeping = true;
      marked = true;
    }
    if (marked) out_.confirm.clear();  // answers last one round: the others are asked about when this sweep is over
  }

  // Whether there is anything marked.
  bool start_sweep() {
    std::vector<api::StorageClaim> ripe;
    bool marked = false;
    for (const api::StorageClaim& claim : domain_.status.claims) {
      if (!claim.sweeping) continue;
      marked = true;
      if (publisher_gone(claim)) ripe.push_back(claim);
    }
    if (!ripe.empty()) create(render::sweep_pod(domain_, ripe, in_.stage_image));
    return marked;
  }

  void create(nlohmann::json pod) {
    const RefusedWrite& refusal = in_.sweep_refusal;
    if (refusal.refused(annotation(pod, render::kPodHash))) {
      condition("SweepFailed", ConditionStatus::true_, "PodRefused",
                "the folders of deleted workspaces cannot be removed yet: the API server refuses the sweep pod: " +
                    refusal.message +
                    "; change what it names in this namespace, a quota, a policy or the operator's role; it is tried "
                    "again by itself");
      if (refusal.again() > in_.now) {
        out_.wake_at = refusal.again();
        return;
      }
    }
    out_.create_pod = std::move(pod);
  }

  // A publish pod still at work would bring the name back after the sweep.
  bool publisher_gone(const api::StorageClaim& orphan) {
    for (const PodRecord* pod : in_.publish_pods) {
      if (pod->storage->workspace_uid != orphan.uid || !is_own(*pod)) continue;
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
      // What a publisher may have brought back meanwhile is swept once more.
      const bool changed = std::erase_if(out_.status.claims, [&](const api::StorageClaim& claim) {
                             return covers(pod.storage->claims, claim) && publisher_gone(claim);
                           }) > 0;
      if (!changed) out_.delete_pods.emplace_back(pod.name, pod.uid);
      conditions_.remove("SweepFailed");
      return;
    }
    const auto trouble = publish_trouble(pod);
    if (!trouble) return;
    const meta::Condition* before = meta::find_condition(domain_.status.conditions, "SweepFailed");
    const bool waited = trouble->reason == "DeadlineExceeded" && before != nullptr;  // what it waited for stays said
    condition("SweepFailed", ConditionStatus::true_, waited ? before->reason : trouble->reason,
              "the folders of deleted workspaces cannot be removed yet: " + trouble->message);
    if (!trouble->ended) {
      if (pod.storage->pod_hash != present_hash(pod)) out_.delete_pods.emplace_back(pod.name, pod.uid);
      return;
    }
    const WallTime again = trouble->time.value_or(in_.now) + kSweepRetry;
    if (again <= in_.now) {
      out_.delete_pods.emplace_back(pod.name, pod.uid);
    } else {
      out_.wake_at = again;
    }
  }

  // Of the sweep pod as it would be made for the same claims now.
  std::string present_hash(const PodRecord& pod) const {
    std::vector<api::StorageClaim> claims = domain_.status.claims;
    std::erase_if(claims, [&](const api::StorageClaim& claim) { return !covers(pod.storage->claims, claim); });
    return render::sweep_pod(domain_, claims, in_.stage_image)["metadata"]["annotations"][render::kPodHash];
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
  bool twin_ = false;  // an older DataDomain has the folder
  DataDomainDecision out_;
  StatusConditions conditions_;
};

}  // namespace

bool names_live_release(const api::Workspace& workspace) {
  return workspace.status.release && !workspace.status.release->input_hash.empty();
}

DataDomainDecision decide(const DataDomainInput& input) { return Decider{input}.run(); }

}  // namespace atelier::reconcile
