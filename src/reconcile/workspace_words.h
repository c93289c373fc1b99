// What a Workspace's conditions say, and which of it is told as an Event.
#pragma once

#include <string>

#include "reconcile/status_conditions.h"
#include "reconcile/workspace_policy.h"

namespace atelier::reconcile {

inline constexpr const char* kImageFollowed = "ImageFollowed";  // a condition
inline constexpr const char* kWaitsForImage = "WaitsForImage";  // a reason

// The words of one decision in the making; borrows the input.
class WorkspaceWords {
 protected:
  explicit WorkspaceWords(const WorkspaceInput& input);

  // What is said is taken by value: it may be the text of a condition that is replaced by it.

  // REQUIRES a release in the status to be.
  void ready();
  // Goes on by itself; what was live stays live. Ready keeps a True of the live release off while it is not current.
  void progressing(std::string reason, std::string message);
  // Goes on by itself, but somebody should look.
  void failed(std::string reason, std::string message);
  // Goes on only after somebody changed something.
  void stalled(std::string reason, std::string message);
  // No image is chosen: the spec follows none, or what Ready says keeps it from that.
  void follows_nothing();
  void condition(const char* type, meta::ConditionStatus status, std::string reason, std::string message);

  const WorkspaceInput& in_;
  const api::Workspace& ws_;
  WorkspaceDecision out_;
  StatusConditions conditions_;

 private:
  std::string still_live() const;
};

}  // namespace atelier::reconcile
