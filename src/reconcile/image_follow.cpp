#include "reconcile/image_follow.h"

#include <algorithm>

#include "atelier/api/deployed_image.h"
#include "atelier/api/validate.h"
#include "reconcile/workspace_words.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

constexpr const char* kSuspended = "Suspended";
constexpr Millis kLongestPatience = std::chrono::minutes{10};

class Follower {
 public:
  Follower(const api::Workspace& workspace, const FollowedImage& found, WallTime now)
      : ws_(workspace),
        found_(found),
        now_(now),
        follow_(*workspace.spec.image.follow),
        chosen_(api::chosen_image(workspace)),
        before_(meta::find_condition(workspace.status.conditions, kImageFollowed)) {}

  FollowDecision decide() {
    if (follow_.suspend) {
      suspended();
    } else if (found_.credentials) {
      say(ConditionStatus::false_, found_.credentials->reason, found_.credentials->message + stays());
    } else if (!found_.answer) {
      waits();
    } else if (!*found_.answer) {
      failed(found_.answer->error());
    } else {
      found(found_.answer->value());
    }
    return std::move(out_);
  }

 private:
  void suspended() {
    const std::string until = "until spec.image.follow.suspend is false";
    if (chosen_ == nullptr) {
      say(ConditionStatus::false_, kSuspended,
          "no image of " + repository() + " was chosen before, and none is " + until);
    } else {
      say(ConditionStatus::false_, kSuspended, name_of(*chosen_) + " stays " + until);
    }
  }

  // A new process, or a question in other words: what is known stays true.
  void waits() {
    const bool known = before_ != nullptr && before_->reason != kSuspended;
    if (known && (chosen_ != nullptr || before_->observed_generation == ws_.metadata.generation)) return;
    say(ConditionStatus::unknown, kWaitsForImage,
        "asks the registry of " + repository() + " for " + api::rule_of(follow_) + stays());
  }

  void failed(const Error& error) {
    const std::string reason = reason_of(error.code);
    const std::string message = "spec.image.follow: " + error.message + advice_on(error.code);
    if (!is_passing(*found_.answer)) return say(ConditionStatus::false_, reason, message + stays());
    // The same trouble in changing words is told once.
    if (before_ != nullptr && before_->status == ConditionStatus::false_ && before_->reason == reason &&
        before_->observed_generation == ws_.metadata.generation) {
      return;
    }
    const WallTime since = found_.failing_since.value_or(now_);
    const WallTime told = since + std::min(2 * follow_.interval, kLongestPatience);
    if (chosen_ != nullptr && before_ != nullptr && before_->status == ConditionStatus::true_ && told > now_) {
      out_.wake_at = told;
      return;
    }
    say(ConditionStatus::false_, reason, message + "; since " + format_time(since) + stays());
  }

  void found(const registry::Found& found) {
    const bool asked_tag = !follow_.tag.empty();
    if (!api::is_image_digest(found.digest) || !api::is_image_tag(found.tag) ||
        (asked_tag && found.tag != follow_.tag)) {
      return say(ConditionStatus::false_, "RegistryAnswerInvalid",
                 "spec.image.follow: the registry names no digest" + advice_on(Errc::invalid) + stays());
    }
    if (chosen_ != nullptr && !asked_tag && chosen_->tag == found.tag && chosen_->digest != found.digest) {
      return say(ConditionStatus::false_, "TagMutated",
                 "tag " + found.tag + " was " + chosen_->digest + " when it was chosen, and is " + found.digest +
                     " now; the former stays. Push another tag, or name this one in spec.image.follow.tag to follow it "
                     "wherever it moves");
    }
    choose({repository(), found.tag, found.digest, api::rule_of(follow_), now_});
    say(ConditionStatus::true_, "Following",
        api::rule_of(follow_) + " is " + repository() + ":" + found.tag + ", " + found.digest);
  }

  void choose(api::ChosenImage choice) {
    const auto& last = ws_.status.image;
    const bool same = last && last->repository == choice.repository && last->digest == choice.digest;
    if (same) choice.time = last->time;
    if (last == choice) return;
    out_.choice = std::move(choice);
    out_.deploys = !same;
  }

  static std::string reason_of(Errc code) {
    switch (code) {
      case Errc::not_found:
        return "NoSuchTag";
      case Errc::unauthorized:
      case Errc::forbidden:
        return "RegistryUnauthorized";
      case Errc::throttled:
        return "RegistryThrottled";
      case Errc::transport:
      case Errc::server:
        return "RegistryUnreachable";
      default:
        return "RegistryAnswerInvalid";
    }
  }

  std::string advice_on(Errc code) const {
    if (code == Errc::not_found) return "; push such a tag, or correct spec.image";
    if (code == Errc::unauthorized || code == Errc::forbidden) {
      return follow_.credentials ? "; correct Secret \"" + follow_.credentials->name + "\""
                                 : "; name a Secret for it in spec.image.follow.credentials";
    }
    if (code == Errc::throttled) return "; a longer spec.image.follow.interval asks less often";
    if (code == Errc::transport || code == Errc::server) return "; it is asked again by itself";
    return "; does spec.image.repository name an image of a registry?";
  }

  std::string stays() const { return chosen_ == nullptr ? "" : "; " + name_of(*chosen_) + " stays"; }
  const std::string& repository() const { return ws_.spec.image.repository; }
  static std::string name_of(const api::ChosenImage& image) { return image.repository + ":" + image.tag; }

  void say(ConditionStatus status, const std::string& reason, std::string message) {
    out_.words = {status, reason, std::move(message)};
  }

  const api::Workspace& ws_;
  const FollowedImage& found_;
  WallTime now_;
  const api::ImageFollow& follow_;
  const api::ChosenImage* chosen_;
  const meta::Condition* before_;
  FollowDecision out_;
};

}  // namespace

FollowDecision decide_follow(const api::Workspace& workspace, const FollowedImage& found, WallTime now) {
  return Follower{workspace, found, now}.decide();
}

bool may_ask(const api::Workspace& workspace, const api::DataDomain* domain, const api::BusinessDomain* tenant) {
  const auto& follow = workspace.spec.image.follow;
  return follow && !follow->suspend && !workspace.metadata.deleting() && !admit(workspace, domain, tenant) &&
         api::validate(workspace.metadata.name, workspace.spec).empty();
}

registry::Question question_of(const api::WorkspaceSpec& spec, std::optional<registry::Credentials> credentials) {
  const api::ImageFollow& follow = *spec.image.follow;
  registry::Question out;
  out.repository = spec.image.repository;
  out.tag = follow.tag;
  out.interval = follow.interval;
  out.credentials = std::move(credentials);
  if (!follow.tag.empty()) return out;
  out.rule = api::rule_of(follow);
  out.choose = [follow](const std::vector<std::string>& tags) { return api::choose_tag(follow, tags); };
  return out;
}

bool is_passing(const registry::Answer& answer) {
  if (answer) return false;
  const Errc code = answer.error().code;
  return code == Errc::throttled || code == Errc::transport || code == Errc::server;
}

}  // namespace atelier::reconcile
