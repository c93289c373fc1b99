// What the operator asks registries on behalf of Workspaces, and with which Secrets. Nothing of it outlives the
// process.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "atelier/kube/plan.h"
#include "atelier/registry/poller.h"
#include "reconcile/image_follow.h"

namespace atelier::reconcile {

class ImageQuestions {
 public:
  // Borrowed; null: nothing is asked.
  explicit ImageQuestions(registry::Poller* poller) : poller_(poller) {}

  struct Known {
    FollowedImage found;
    std::optional<WallTime> wake_at;
  };

  // Asks what the spec asks now, and says what is known. A read of the Secret that it names is added to `plan`, whose
  // answer comes with the next feedback: when the question is new, and once a minute while the registry or the Secret
  // refuses, or the registry knows no such image. REQUIRES may_ask().
  Known ask(const api::Workspace& workspace, kube::Plan& plan, const kube::Feedback& feedback, WallTime now);

  void forget(const ObjectKey& workspace);

 private:
  struct Memory {
    std::string about;  // the Secret and the registry that is below
    std::optional<registry::Credentials> credentials;
    std::optional<Refusal> refusal;
    WallTime read_at{};
    std::optional<registry::Question> asked;
    std::optional<WallTime> failing_since;

    bool has_read() const { return credentials || refusal; }
  };

  void learn(Memory& memory, const api::Workspace& workspace, const Result<nlohmann::json>* answer, WallTime now);

  registry::Poller* poller_;
  std::map<ObjectKey, Memory> memory_;
};

}  // namespace atelier::reconcile
