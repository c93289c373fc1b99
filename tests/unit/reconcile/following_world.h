// A workspace that follows its image, in a world where all is well.
#pragma once

#include <string>

#include "support/fake_registry.h"
#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile::testing {

struct Following : WorkspaceWorld {
  Following() {
    workspace.spec.image.tag.clear();
    workspace.spec.image.follow.emplace().semver = "^1";
    workspace.spec.image.follow->interval = std::chrono::minutes{1};
  }

  api::ImageFollow& rule() { return *workspace.spec.image.follow; }
  void edit() { ++workspace.metadata.generation; }
  void answers(const std::string& tag, char digit) {
    followed.answer = registry::Found{tag, atelier::testing::digest(digit)};
  }
  void answers(Errc code, const std::string& words) { followed.answer = Error{code, words}; }

  // The registry's answer was taken, and its image went live.
  void live(const std::string& tag, char digit, const std::string& release) {
    answers(tag, digit);
    commit(decide());
    pod_publishes(release);
    const auto rendered = render::publish_pod(workspace, domain, stage_image);
    pod->storage.make().image = annotation(rendered, render::kImage);
    pod->storage.make().image_digest = annotation(rendered, render::kImageDigest);
    commit(decide());
    pod.reset();
    commit(decide());
  }

  std::string sequence() const {
    const auto rendered = render::publish_pod(workspace, domain, stage_image);
    const auto& command = rendered["spec"]["containers"][0]["command"];
    for (std::size_t i = 0; i + 1 < command.size(); ++i) {
      if (command[i] == "--sequence") return command[i + 1];
    }
    return "";
  }
};

inline std::string followed(const WorkspaceDecision& decision) {
  const meta::Condition* one = meta::find_condition(decision.status.conditions, "ImageFollowed");
  return one == nullptr ? "(none)" : std::string(meta::to_string(one->status)) + " " + one->reason;
}

inline std::string message(const WorkspaceDecision& decision) {
  return meta::find_condition(decision.status.conditions, "ImageFollowed")->message;
}

inline bool tells(const WorkspaceDecision& decision, const std::string& reason) {
  for (const Note& note : decision.notes) {
    if (note.reason == reason) return true;
  }
  return false;
}

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace atelier::reconcile::testing
