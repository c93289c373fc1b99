// Which image a Workspace follows, by what the registry says: pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "atelier/api/workspace.h"
#include "atelier/meta/condition.h"
#include "atelier/registry/poller.h"
#include "reconcile/admission.h"
#include "reconcile/event_note.h"

namespace atelier::reconcile {

// What was found out about the image that a workspace follows. Nothing while that is under way.
struct FollowedImage {
  std::optional<registry::Answer> answer;  // to what the spec asks now
  std::optional<Refusal> credentials;      // why there are none, where the spec names some
  std::optional<WallTime> failing_since;   // the registry does not answer, and may again by itself
};

struct FollowWords {
  meta::ConditionStatus status = meta::ConditionStatus::unknown;
  std::string reason;
  std::string message;
};

struct FollowDecision {
  std::optional<api::ChosenImage> choice;  // another one than status has, or by another rule
  bool deploys = false;                    // and it is another image
  std::optional<FollowWords> words;        // of the condition ImageFollowed; absent: what it says stays
  std::optional<WallTime> wake_at;
};

// REQUIRES spec.image.follow.
FollowDecision decide_follow(const api::Workspace& workspace, const FollowedImage& found, WallTime now);

// Whether the registry may be asked: only for who is admitted, since it is the operator that asks.
bool may_ask(const api::Workspace& workspace, const api::DataDomain* domain, const api::BusinessDomain* tenant);

// Of a spec that follows.
registry::Question question_of(const api::WorkspaceSpec& spec, std::optional<registry::Credentials> credentials);

// Whether an error may pass by itself, so that nobody needs to look.
bool is_passing(const registry::Answer& answer);

}  // namespace atelier::reconcile
