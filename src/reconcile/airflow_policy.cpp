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
constexpr Millis kSettled{10'000};  // without another change, before anything is started anew
constexpr const char* kMap = "AirflowEnv";
constexpr const char* kCurrent = "AirflowCurrent";

std::string and_more(std::size_t count) { return count < 2 ? "" : " (and " + std::to_string(count - 1) + " more)"; }

std::string counted(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

class Decider {
 public:
  Decider(const AirflowInput& input, api::DataDomainStatus& status)
      : in_(input),
        domain_(input.domain),
        status_(status),
        conditions_(domain_.status.conditions, status.conditions, domain_.metadata.generation, input.now) {}

  AirflowDecision run() {
    const bool used = domain_.spec.airflow || domain_.status.airflow || in_.any_variables;
    if (!used || domain_.metadata.deleting() || !api::is_dns_label(domain_.metadata.name)) return std::move(out_);
    if (!domain_.status.airflow) {
      status_.airflow.emplace().config_map = name_;
      return std::move(out_);
    }
    out_.look = true;
    wake(kLook);
    if (const auto words = config_map()) tell(kMap, *words);
    if (in_.workloads.empty()) {
      conditions_.remove(kCurrent);
    } else if (const auto words = workloads()) {
      tell(kCurrent, *words);
    }
    return std::move(out_);
  }

 private:
  using MapSight = Sight<EnvMapRecord>;
  using WorkloadSight = Sight<WorkloadRecord>;

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
    const json present = map.content;
    const json wanted = {
        {"labels", wanted_["metadata"]["labels"]}, {"data", wanted_["data"]}, {"binaryData", json::object()}};
    json labels = present["labels"];
    labels.update(wanted["labels"]);  // others may be somebody's own
    if (labels == present["labels"] && present["data"] == wanted["data"] && present["binaryData"].empty()) {
      return holds();
    }
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
    }
    if (!in_.env.no_room.empty()) {
      const AirflowEnv::LeftOut& first = in_.env.no_room.front();
      return no("EnvTooLarge",
                first.name + " of Workspace \"" + first.workspace.to_string() + "\"" +
                    and_more(in_.env.no_room.size()) +
                    " is left out: a workspace may have 32 KiB of names and values, and all together 256 "
                    "KiB; shorten them");
    }
    if (!in_.env.clashes.empty()) {
      const AirflowEnv::Clash& first = in_.env.clashes.front();
      return no("EnvConflict", first.name + " of Workspace \"" + first.workspace.to_string() + "\" is left out: \"" +
                                   first.holder.to_string() + "\", which was here first, gives it another value" +
                                   and_more(in_.env.clashes.size()) + "; one of them has to rename it");
    }
    return {ConditionStatus::true_, "Merged",
            counted(now.variables, "variable") + " of " + counted(in_.env.workspaces, "workspace") +
                " are in the ConfigMap \"" + name_ + "\" since " + format_time(*now.change_time) +
                "; what was started before has them after a restart"};
  }

  // Nothing while the ConfigMap or one of them is not seen.
  std::optional<ConditionWords> workloads() {
    const bool is_there = domain_.status.airflow->hash == hash_ && status_.airflow->hash == hash_;
    if (!is_there || in_.map.is(MapSight::State::unknown)) return std::nullopt;
    std::vector<ConditionWords> found;
    bool unknown = false;
    for (std::size_t i = 0; i < in_.workloads.size(); ++i) {
      unknown = unknown || in_.workloads[i].seen.is(WorkloadSight::State::unknown);
      if (auto words = workload(i)) found.push_back(std::move(*words));
    }
    if (unknown) return std::nullopt;
    // What somebody has to mend is more than what takes its time.
    const auto first =
        std::find_if(found.begin(), found.end(), [](const auto& one) { return one.reason != "Restarting"; });
    if (first == found.end() && found.empty()) {
      return ConditionWords{ConditionStatus::true_, "Restarted", "all that spec.airflow.restart names runs with it"};
    }
    wake(first != found.end() ? kTryAgain : since_change() / 10 + kShortly);
    ConditionWords told = first != found.end() ? *first : found.front();
    told.message += and_more(found.size());
    return told;
  }

  // What is not as it should be.
  std::optional<ConditionWords> workload(std::size_t index) {
    const AirflowWorkload& one = in_.workloads[index];
    const std::string named = one.to_string();
    switch (one.seen.state) {
      case WorkloadSight::State::unknown:
        return std::nullopt;
      case WorkloadSight::State::absent:
        return no("WorkloadNotFound",
                  "spec.airflow.restart: there is no " + named + " in this namespace; correct the name");
      case WorkloadSight::State::refused:
        return may_not("look at " + named, one.seen.words);
      case WorkloadSight::State::there:
        break;
    }
    const WorkloadRecord& present = one.seen.record;
    if (!present.takes_env) {
      return no("EnvNotMounted", "no container of " + named +
                                     " takes the ConfigMap; add to its containers: envFrom: "
                                     "[{configMapRef: {name: " +
                                     name_ + "}}]");
    }
    if (present.env_hash == hash_) {
      if (present.rolled_out) return std::nullopt;
      return no("Restarting", named + " is started anew; see kubectl rollout status");
    }
    if (one.refusal.refused(hash_)) {
      if (one.refusal.again() <= in_.now) restart(index);
      return may_not("restart " + named, one.refusal.message);
    }
    const WallTime settled = domain_.status.airflow->change_time.value_or(WallTime{}) + kSettled;
    if (settled > in_.now) {
      wake_at(settled);
    } else {
      restart(index);
    }
    return no("Restarting", named + " will be started anew");
  }

  void restart(std::size_t index) {
    const std::string& uid = in_.workloads[index].seen.record.uid.value;
    const json annotations = {{render::kAirflowEnvHash, hash_}};
    out_.restarts.push_back(
        {index,
         {{"metadata", {{"uid", uid}}}, {"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}}});
  }

  static ConditionWords may_not(const std::string& what, const std::string& words) {
    return no("RestartRefused", "the API server does not let the operator " + what + ": " + words +
                                    "; the owner of this namespace can grant it with deploy/airflow-restart.yaml");
  }

  static ConditionWords no(const char* reason, std::string message) {
    return {ConditionStatus::false_, reason, std::move(message)};
  }

  Millis since_change() const {
    const WallTime changed = domain_.status.airflow->change_time.value_or(in_.now);
    return std::clamp(std::chrono::duration_cast<Millis>(in_.now - changed), Millis{0}, kLook);
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

std::vector<AirflowWorkload> workloads_of(const api::DataDomainSpec& spec) {
  std::vector<AirflowWorkload> out;
  if (!spec.airflow) return out;
  for (const std::string& name : spec.airflow->restart.deployments) out.push_back({false, name});
  for (const std::string& name : spec.airflow->restart.stateful_sets) out.push_back({true, name});
  return out;
}

}  // namespace atelier::reconcile
