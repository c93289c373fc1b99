#include "reconcile/image_follow.h"

#include <algorithm>

#include "atelier/api/deployed_image.h"
#include "atelier/api/validate.h"
#include "atelier/api/version.h"
#include "reconcile/workspace_words.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

constexpr const char* kSuspended = "Suspended";
constexpr const char* kThrottled = "RegistryThrottled";
constexpr const char* kUnreachable = "RegistryUnreachable";
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
    if (may_still_be_so() && (chosen_ != nullptr || before_->observed_generation == ws_.metadata.generation)) return;
    say(ConditionStatus::unknown, kWaitsForImage,
        "asks the registry of " + repository() + " for " + api::rule_of(follow_) + stays());
  }

  void failed(const Error& error) {
    const std::string reason = reason_of(error.code);
    const std::string message = "spec.image.follow: " + error.message + advice_on(error.code);
    if (!is_passing(*found_.answer)) return say(ConditionStatus::false_, reason, message + stays());
    // Trouble that passes is told once, in whatever words and kinds it goes on.
    const bool told_before = before_ != nullptr && (before_->reason == kUnreachable || before_->reason == kThrottled);
    if (told_before && before_->observed_generation == ws_.metadata.generation) return;
    const WallTime since = found_.failing_since.value_or(now_);
    const WallTime told = since + std::min(2 * follow_.interval, kLongestPatience);
    if (chosen_ != nullptr && may_still_be_so() && !told_before && told > now_) {
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
    const auto former = chosen_ != nullptr && !asked_tag ? former_of(found.tag) : std::nullopt;
    if (former && former->digest != found.digest) {
      const std::string as = former->tag == found.tag ? "is " : "is, as " + found.tag + ", ";
      return say(ConditionStatus::false_, "TagMutated",
                 "tag " + former->tag + " was " + former->digest + " when it was chosen, and " + as + found.digest +
                     " now; " + (former->tag == chosen_->tag ? "the former" : name_of(*chosen_)) +
                     " stays. Push another tag, or name this one in spec.image.follow.tag to follow it wherever it "
                     "moves");
    }
    choose({repository(), found.tag, found.digest, api::rule_of(follow_), now_});
    say(ConditionStatus::true_, "Following",
        api::rule_of(follow_) + " is " + repository() + ":" + found.tag + ", " + found.digest);
  }

  // The tag and its digest as they were taken last; of the same version where the rule is one of versions.
  std::optional<registry::Found> former_of(const std::string& tag) const {
    if (is_same(chosen_->tag, tag)) return registry::Found{chosen_->tag, chosen_->digest};
    const std::string name = repository() + ":";
    for (const api::FormerRelease& release : ws_.status.releases) {
      const std::size_t at = release.image_digest.find('@');
      if (!release.image.starts_with(name) || at == release.image_digest.npos) continue;
      std::string former = release.image.substr(name.size());
      if (is_same(former, tag)) return registry::Found{std::move(former), release.image_digest.substr(at + 1)};
    }
    return std::nullopt;
  }

  bool is_same(const std::string& one, const std::string& other) const {
    if (one == other || follow_.semver.empty()) return one == other;
    const auto version = api::parse_version(one);
    const auto another = api::parse_version(other);
    return version && another && *version <=> *another == 0;
  }

  // What was said before, until the registry has said more.
  bool may_still_be_so() const {
    return before_ != nullptr && before_->reason != kSuspended &&
           (before_->status != ConditionStatus::unknown || before_->reason == kWaitsForImage);
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
        return kThrottled;
      case Errc::transport:
      case Errc::server:
        return kUnreachable;
      default:
        return "RegistryAnswerInvalid";
    }
  }

  std::string advice_on(Errc code) const {
    if (code == Errc::not_found) {
      const std::string advice = "; push such a tag, or correct spec.image";
      return follow_.credentials ? advice + ", or Secret \"" + follow_.credentials->name + "\" if it may not see that"
                                 : advice;
    }
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
