#include "reconcile/airflow_restart.h"

#include <algorithm>

#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;
using nlohmann::json;

constexpr Millis kQuiet{10'000};     // without another change, before anything is started anew
constexpr Millis kPatience{60'000};  // but no longer than this after the first
constexpr Millis kTryAgain{60'000};  // what somebody has to mend
constexpr Millis kShortly{10'000};
constexpr Millis kSeldom{600'000};

ConditionWords no(const char* reason, std::string message) {
  return {ConditionStatus::false_, reason, std::move(message)};
}

ConditionWords may_not(const std::string& what, const std::string& words) {
  return no("RestartRefused", "the API server does not let the operator " + what + ": " + words +
                                  "; the owner of this namespace can grant it with deploy/airflow-restart.yaml");
}

class Decider {
 public:
  Decider(const RestartInput& input, api::AirflowEnvironment& noted) : in_(input), noted_(noted) {
    const auto& before = input.domain.spec.airflow->restart.min_interval;
    interval_ = before.value_or(api::AirflowRestart::kMinInterval);
  }

  RestartDecision run() {
    std::erase_if(noted_.restarts, [&](const api::AirflowRestarted& note) {
      return std::none_of(in_.workloads.begin(), in_.workloads.end(),
                          [&](const AirflowWorkload& one) { return is_of(note, one); });
    });
    std::vector<ConditionWords> found;
    bool unknown = false;
    for (std::size_t i = 0; i < in_.workloads.size(); ++i) {
      unknown = unknown || in_.workloads[i].seen.is(WorkloadSight::State::unknown);
      if (auto words = workload(i)) found.push_back(std::move(*words));
    }
    if (unknown) return std::move(out_);
    if (!waits_) noted_.waiting_since.reset();
    tell(found);
    return std::move(out_);
  }

 private:
  using WorkloadSight = Sight<WorkloadRecord>;

  void tell(const std::vector<ConditionWords>& found) {
    if (found.empty()) {
      out_.words = {ConditionStatus::true_, "Restarted", "all that spec.airflow.restart names runs with it" + lacking_};
      return;
    }
    // What somebody has to mend is more than what takes its time.
    const auto first =
        std::find_if(found.begin(), found.end(), [](const auto& one) { return one.reason != "Restarting"; });
    wake_at(in_.now + (first != found.end() ? kTryAgain : since_change() / 10 + kShortly));
    out_.words = first != found.end() ? *first : found.front();
    out_.words->message += and_more(found.size());
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
    std::string lacking;
    for (const std::string& container : present.lacking) lacking += (lacking.empty() ? "" : ", ") + container;
    if (!present.takes_env) {
      return no("EnvNotMounted", "no container of " + named + " takes the ConfigMap; add to its containers (" +
                                     lacking + "): envFrom: [{configMapRef: {name: " + in_.config_map +
                                     "}}], without a prefix");
    }
    if (present.env_hash != in_.hash) return start(index);
    if (!lacking.empty()) lacking_ += "; these containers of " + named + " do not take it: " + lacking;
    return roll_out(one, named);
  }

  // Its pod template bears the hash.
  std::optional<ConditionWords> roll_out(const AirflowWorkload& one, const std::string& named) {
    const WorkloadRecord& present = one.seen.record;
    api::AirflowRestarted& note = note_of(one);
    if (!is_for(note, present)) note = begun(one);
    note.seen = true;
    note.done = note.done || present.rolled_out;
    if (note.done) return std::nullopt;
    if (!present.held.empty()) {
      return no("RolloutHeld", named + " has a new template, but its pods stay as they are: " + present.held +
                                   "; replace them, or change that");
    }
    return no("Restarting", named + " is started anew; see kubectl rollout status");
  }

  // It does not.
  ConditionWords start(std::size_t index) {
    const AirflowWorkload& one = in_.workloads[index];
    const WorkloadRecord& present = one.seen.record;
    const std::string named = one.to_string();
    const auto& known = in_.domain.status.airflow->restarts;
    const auto before = std::find_if(known.begin(), known.end(), [&](const auto& note) { return is_of(note, one); });
    if (before != known.end() && is_for(*before, present)) {
      if (before->seen || (one.refusal.undone && one.refusal.refused(in_.hash))) {
        return no("RestartReverted", "something takes the annotation " + std::string(render::kAirflowEnvHash) +
                                         " off the pod template of " + named +
                                         " again, so it is not started anew another time for this content; let that "
                                         "tool ignore the annotation, and restart it yourself");
      }
      if (one.refusal.refused(in_.hash)) {
        if (one.refusal.again() <= in_.now) restart(index);
        return may_not("restart " + named, one.refusal.message);
      }
      restart(index);
      return no("Restarting", named + " is started anew; see kubectl rollout status");
    }
    WallTime from = quiet();
    if (before != known.end()) from = std::max(from, before->time + interval_);
    // A rollout under way is left to end, if that does not take too long: it may be what the change mends.
    if (present.rolling && from <= in_.now) from = std::max(from, waiting_since() + interval_);
    if (from > in_.now) {
      waits_ = true;
      wake_at(from);
      return no("Restarting", named + " will be started anew after " + format_time(from));
    }
    note_of(one) = begun(one);
    return no("Restarting", named + " is started anew; see kubectl rollout status");
  }

  void restart(std::size_t index) {
    const WorkloadRecord& present = in_.workloads[index].seen.record;
    const json annotations = {{render::kAirflowEnvHash, in_.hash}};
    out_.restarts.push_back({index,
                             {{"metadata", {{"uid", present.uid.value}, {"resourceVersion", present.resource_version}}},
                              {"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}}});
  }

  static bool is_of(const api::AirflowRestarted& note, const AirflowWorkload& one) {
    return note.kind == one.kind() && note.name == one.name;
  }
  bool is_for(const api::AirflowRestarted& note, const WorkloadRecord& present) const {
    return note.uid == present.uid && note.hash == in_.hash;
  }
  api::AirflowRestarted& note_of(const AirflowWorkload& one) {
    const auto found = std::find_if(noted_.restarts.begin(), noted_.restarts.end(),
                                    [&](const auto& note) { return is_of(note, one); });
    return found != noted_.restarts.end() ? *found : noted_.restarts.emplace_back();
  }
  api::AirflowRestarted begun(const AirflowWorkload& one) const {
    return {one.kind(), one.name, one.seen.record.uid, in_.hash, in_.now, false, false};
  }

  WallTime changed() const { return in_.domain.status.airflow->change_time.value_or(WallTime{}); }
  WallTime waiting_since() const { return in_.domain.status.airflow->waiting_since.value_or(changed()); }
  WallTime quiet() const { return std::min(changed() + kQuiet, waiting_since() + kPatience); }
  Millis since_change() const {
    return std::clamp(std::chrono::duration_cast<Millis>(in_.now - changed()), Millis{0}, kSeldom);
  }

  void wake_at(WallTime at) { out_.wake_at = out_.wake_at ? std::min(*out_.wake_at, at) : at; }

  const RestartInput& in_;
  api::AirflowEnvironment& noted_;
  Millis interval_;
  std::string lacking_;
  bool waits_ = false;
  RestartDecision out_;
};

}  // namespace

RestartDecision decide_restarts(const RestartInput& input, api::AirflowEnvironment& noted) {
  return Decider{input, noted}.run();
}

std::string and_more(std::size_t count) { return count < 2 ? "" : " (and " + std::to_string(count - 1) + " more)"; }

}  // namespace atelier::reconcile
