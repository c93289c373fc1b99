#include "reconcile/airflow_policy.h"

#include <algorithm>

#include "atelier/api/validate.h"
#include "reconcile/merge_diff.h"
#include "reconcile/status_conditions.h"
#include "render/airflow_env.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;
using nlohmann::json;

constexpr Millis kLook{600'000};     // so long somebody's change of the ConfigMap may stay
constexpr Millis kTryAgain{60'000};  // what somebody has to mend
constexpr Millis kShortly{10'000};
constexpr const char* kMap = "AirflowEnv";
constexpr const char* kCurrent = "AirflowCurrent";
constexpr const char* kDags = "AirflowDags";

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

json content_of(const json& config_map) {
  return {{"labels", config_map["metadata"]["labels"]}, {"data", config_map["data"]}, {"binaryData", json::object()}};
}

class Decider {
 public:
  Decider(const AirflowInput& input, api::DataDomainStatus& status)
      : in_(input),
        domain_(input.domain),
        status_(status),
        conditions_(domain_.status.conditions, status.conditions, domain_.metadata.generation, input.now) {}

  AirflowDecision run() {
    const bool used = domain_.spec.airflow || domain_.status.airflow || !in_.env.taken.empty();
    if (!used || domain_.metadata.deleting() || !api::is_dns_label(domain_.metadata.name)) return std::move(out_);
    if (!domain_.status.airflow) {
      status_.airflow.emplace().config_map = name_;
      return std::move(out_);
    }
    out_.look = true;
    wake(in_.is_fresh ? kLook : kShortly);
    if (!in_.is_fresh) return std::move(out_);
    if (const auto words = config_map()) tell(kMap, *words);
    if (in_.workloads.empty()) {
      conditions_.remove(kCurrent);
      status_.airflow->waiting_since.reset();
      status_.airflow->restarts.clear();
    } else if (const auto words = workloads()) {
      tell(kCurrent, *words);
    }
    dags();
    return std::move(out_);
  }

 private:
  using MapSight = Sight<EnvMapRecord>;

  // Nothing: what is said stays.
  std::optional<ConditionWords> config_map() {
    switch (in_.map.state) {
      case MapSight::State::unknown:
        return std::nullopt;
      case MapSight::State::refused:
        wake(kTryAgain);
        return refused("read", in_.map.words);
      case MapSight::State::absent:
        return write([&] { out_.create_map = wanted_; });
      case MapSight::State::there:
        break;
    }
    const EnvMapRecord& map = in_.map.record;
    if (map.owner != domain_.metadata.uid) {
      status_.airflow->hash.clear();
      wake(kTryAgain);
      return no("NameTaken", "a ConfigMap \"" + name_ +
                                 "\" is there that is not this DataDomain's; delete it, and the "
                                 "operator makes its own");
    }
    if (map.deleting) {
      wake(kShortly);
      return std::nullopt;
    }
    if (holds_content(map.content, wanted_)) return holds();
    const json& present = map.content;
    const json wanted = content_of(wanted_);
    return write([&] {
      json patch = {
          {"metadata",
           {{"uid", map.uid.value}, {"resourceVersion", map.resource_version}, {"labels", wanted["labels"]}}}};
      for (const char* part : {"data", "binaryData"}) {
        json changes = merge_diff(present[part], wanted[part]);
        if (!changes.empty()) patch[part] = std::move(changes);
      }
      out_.mend_map = std::move(patch);
    });
  }

  template <class Write>
  std::optional<ConditionWords> write(Write write) {
    const bool is_refused = in_.map_refusal.refused(hash_);
    if (is_refused && in_.map_refusal.again() > in_.now) {
      wake_at(in_.map_refusal.again());
    } else {
      write();
    }
    return is_refused ? std::optional(refused("write", in_.map_refusal.message)) : std::nullopt;
  }

  ConditionWords refused(const std::string& verb, const std::string& words) const {
    return no("ConfigMapRefused", "the API server does not let the operator " + verb + " the ConfigMap \"" + name_ +
                                      "\": " + words +
                                      "; change what it names, a policy or the operator's role; it is "
                                      "tried again by itself");
  }

  // The ConfigMap is as it should be.
  ConditionWords holds() {
    api::AirflowEnvironment& now = *status_.airflow;
    now.variables = static_cast<std::int64_t>(in_.env.variables.size());
    if (now.hash != hash_) {
      now.hash = hash_;
      now.change_time = in_.now;
      if (!now.waiting_since && !in_.workloads.empty()) now.waiting_since = in_.now;
    }
    const AirflowEnv::Losses& losses = in_.env.losses;
    if (const AirflowEnv::LeftOut& first = losses.no_room; first.count > 0) {
      return no("EnvTooLarge", first.name + " of Workspace \"" + first.workspace.to_string() + "\"" +
                                   and_more(first.count) +
                                   " is left out: a workspace may have 32 KiB of names and values, those of a "
                                   "namespace together 64 KiB, and all 256 KiB; shorten them");
    }
    if (const AirflowEnv::LeftOut& first = losses.clashes; first.count > 0) {
      return no("EnvConflict", first.name + " of Workspace \"" + first.workspace.to_string() + "\" is left out: \"" +
                                   first.holder.to_string() + "\", which was here first, gives it another value" +
                                   and_more(first.count) + "; one of them has to rename it");
    }
    return {ConditionStatus::true_, "Merged",
            counted(now.variables, "variable") + " of " + counted(in_.env.workspaces, "workspace") +
                " are in the ConfigMap \"" + name_ + "\" since " + format_time(now.change_time.value_or(in_.now)) +
                "; what was started before has them after a restart"};
  }

  // Nothing while the ConfigMap or one of them is not seen, or the DataDomain is not Ready: a ConfigMap that is empty
  // for a moment is no reason to start anything.
  std::optional<ConditionWords> workloads() {
    const bool is_there = domain_.status.airflow->hash == hash_ && status_.airflow->hash == hash_;
    if (!is_there) return changed();
    if (in_.map.is(MapSight::State::unknown) || !is_ready(domain_)) return std::nullopt;
    RestartDecision decision = decide_restarts({domain_, in_.workloads, name_, hash_, in_.now}, *status_.airflow);
    out_.restarts = std::move(decision.restarts);
    if (decision.wake_at) wake_at(*decision.wake_at);
    return std::move(decision.words);
  }

  // Links in <key>/dags lead beside it, to the releases: where that alone is mounted, they lead nowhere.
  void dags() {
    bool any = false;
    std::string dangling;
    std::size_t count = 0;
    for (const AirflowWorkload& one : in_.workloads) {
      if (one.seen.is(Sight<WorkloadRecord>::State::unknown)) return;
      any = any || one.seen.record.dags.any;
      count += one.seen.record.dags.dangling.size();
      if (dangling.empty() && !one.seen.record.dags.dangling.empty()) {
        dangling = "of " + one.to_string() + " " + one.seen.record.dags.dangling.front();
      }
    }
    if (!any) return conditions_.remove(kDags);
    const std::string& folder = domain_.spec.key;
    if (count == 0)
      return tell(kDags, {ConditionStatus::true_, "Mounted", "the links in " + folder + "/dags lead to the releases"});
    wake(kTryAgain);
    tell(kDags,
         no("MountDangles", dangling + " of the claim \"" + domain_.spec.storage.claim_name + "\"" + and_more(count) +
                                ", out of which the links to the releases lead; mount the subPath " + folder +
                                ", and let dags_folder be the dags in it"));
  }

  // What was said of the content before is not so of this one.
  std::optional<ConditionWords> changed() const {
    const meta::Condition* before = meta::find_condition(status_.conditions, kCurrent);
    const bool was_current = before != nullptr && before->status == ConditionStatus::true_;
    if (!was_current || status_.airflow->hash == domain_.status.airflow->hash) return std::nullopt;
    return no("Restarting", "the environment has changed; what spec.airflow.restart names will be started anew");
  }

  static ConditionWords no(const char* reason, std::string message) {
    return {ConditionStatus::false_, reason, std::move(message)};
  }

  void tell(const char* type, const ConditionWords& words) {
    const bool bad = words.status != ConditionStatus::true_ && words.reason != "Restarting";
    if (bad && conditions_.is_news(type, words.status, words.reason)) {
      out_.notes.push_back({true, words.reason, words.message});
    }
    conditions_.set(type, words.status, words.reason, words.message);
  }

  void wake(Millis after) { wake_at(in_.now + after); }
  void wake_at(WallTime at) { out_.wake_at = out_.wake_at ? std::min(*out_.wake_at, at) : at; }

  const AirflowInput& in_;
  const api::DataDomain& domain_;
  api::DataDomainStatus& status_;
  StatusConditions conditions_;
  const json wanted_ = render::airflow_env(domain_, in_.env.variables);
  const std::string hash_ = render::airflow_env_hash(in_.env.variables);
  const std::string name_ = render::airflow_env_name(domain_.metadata.name);
  AirflowDecision out_;
};

}  // namespace

AirflowDecision decide_airflow(const AirflowInput& input, api::DataDomainStatus& status) {
  return Decider{input, status}.run();
}

bool holds_content(const json& content, const json& config_map) {
  const json wanted = content_of(config_map);
  json labels = content["labels"];
  labels.update(wanted["labels"]);  // others may be somebody's own
  return labels == content["labels"] && content["data"] == wanted["data"] && content["binaryData"].empty();
}

std::vector<AirflowWorkload> workloads_of(const api::DataDomainSpec& spec) {
  std::vector<AirflowWorkload> out;
  if (!spec.airflow) return out;
  for (const std::string& name : spec.airflow->restart.deployments) out.push_back({false, name});
  for (const std::string& name : spec.airflow->restart.stateful_sets) out.push_back({true, name});
  return out;
}

}  // namespace atelier::reconcile
