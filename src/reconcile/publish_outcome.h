// What a publish or sweep pod says of itself: how far it is, what it published, or what went wrong and what to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "atelier/api/data_domain.h"
#include "atelier/api/workspace.h"
#include "reconcile/pod_record.h"

namespace atelier::reconcile {

// Read from the `publish` step's termination message.
struct Published {
  std::string release;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::string image_digest;  // of the `stage` step, as the kubelet reports it; empty if it knew none
  std::optional<WallTime> time;
  bool copied = false;  // file by file
};

struct PublishTrouble {
  std::string reason;
  std::string message;
  bool ended = false;      // the pod is over; otherwise the kubelet goes on trying
  bool retryable = false;  // a later pod may do better with the same input
  std::optional<WallTime> time;
  std::optional<std::int64_t> newest;  // the number of the publish that superseded this one
};

// Empty unless the pod succeeded and its message is the publisher's.
std::optional<Published> published(const PodRecord& pod);
// As it goes into status, but for its location.
api::WorkspaceRelease release_of(const PodRecord& pod, const Published& result);
// Empty while all is well, whether the pod is under way or succeeded.
std::optional<PublishTrouble> publish_trouble(const PodRecord& pod);
// When a pod under way is slow rather than wrong.
WallTime slow_from(const PodRecord& pod, WallTime now);
// Under way, and nobody needs to look.
bool goes_well(const PodRecord& pod, WallTime now);
// Who holds the name or a dag_id on the storage, where the publish failed because somebody else does. A file says so,
// so it may be wrong.
std::optional<api::StorageClaim> holder_of_name(const PodRecord& pod);
// The step that a pod under way runs or waits for; empty while its node has told nothing.
std::string current_step(const PodRecord& pod);

}  // namespace atelier::reconcile
