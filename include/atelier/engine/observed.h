// What `decide` looks at: one run, its committed ledger, its pods, and the API's answers to creates.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "atelier/engine/approval.h"
#include "atelier/engine/ledger.h"

namespace atelier::engine {

inline constexpr std::int64_t kNoItem = -1;

// An attempt of a task, or of one item of a fan-out.
struct Attempt {
  std::string task;
  std::int64_t item = kNoItem;
  std::int64_t number = 1;

  auto operator<=>(const Attempt&) const = default;
};

// Large results that are not read for now: their log could not be had, or they could not be stored.
struct UnreadResults {
  Attempt attempt;
  std::string message;
  WallTime at{};           // of the latest try
  std::int64_t times = 1;  // in a row

  bool operator==(const UnreadResults&) const = default;
};

// Results of items that could not be stored.
struct UnstoredResults {
  std::string message;
  WallTime at{};           // of the latest try
  std::int64_t times = 1;  // in a row

  bool operator==(const UnstoredResults&) const = default;
};

enum class PodPhase { pending, running, succeeded, failed, unknown };

// One pod with the run's UID in its labels, as the cache holds it.
struct PodObservation {
  std::string name;
  Uid uid;
  std::string task;
  std::int64_t item = kNoItem;  // of a fan-out
  std::int64_t attempt = 0;
  PodPhase phase = PodPhase::pending;
  std::optional<std::int64_t> exit_code;
  std::string reason;             // of the pod, else of its container: OOMKilled, DeadlineExceeded, Evicted, Error
  std::string message;            // of the pod
  std::string disruption_reason;  // the cluster ends it: the reason of the condition DisruptionTarget
  std::string disruption_message;
  std::string termination_message;  // of the container: the results, or the end of its log when it failed
  std::string handed_on;            // of a task with large results: the termination message of the operator's sidecar
  WallTime created{};
  std::optional<WallTime> started, finished;
  bool deleting = false;
  // deletionGracePeriodSeconds is 0 while deleting: it never got a node, its kubelet is done with it, or a person
  // removed it by force. Only finalizers still hold the object.
  bool force_deleted = false;
  bool ended_before = false;    // deleting, and its task had ended by itself when the delete was asked for
  bool holds_result = false;    // our finalizer atelier.dev/result is on it
  std::string waiting_reason;   // why it is pending: ImagePullBackOff, Unschedulable, ...
  std::string waiting_message;  // in the kubelet's or scheduler's words

  bool operator==(const PodObservation&) const = default;
};

// The API's refusal of a create. Held in memory only: after a restart the create is tried again.
struct RejectedCreate {
  std::string task;
  std::int64_t item = kNoItem;
  std::int64_t attempt = 0;
  std::string reason;      // Invalid, Forbidden, NameTaken, ...
  std::string message;     // the API's words
  bool permanent = false;  // Invalid, NameTaken (409 by a pod that is not this run's); a quota is not permanent
  WallTime at{};           // of the latest answer
  std::int64_t times = 1;  // refused in a row

  bool operator==(const RejectedCreate&) const = default;
};

struct Observed {
  ObjectKey run;
  Uid run_uid;
  const api::RunPlan& plan;                   // borrowed for the call
  std::map<std::string, std::string> params;  // defaults filled in
  const api::PipelineRunSpec& spec;           // borrowed; author, cancel, suspend and skip are read
  std::string withheld = {};                  // why no pod may be made; empty: they may
  Ledger committed;                           // decoded from status.state
  std::vector<PodObservation> pods;
  std::vector<RejectedCreate> rejections;
  std::set<Attempt> gone;  // whose pods were made and that a live GET does not find any more
  // Whose pods this process made, and when a live GET showed them last: one that no cache shows is looked for, and five
  // seconds later again.
  std::map<Attempt, WallTime> made = {};
  // Of a plan with large results only: what tasks wrote, in any order, and what of it cannot be read.
  std::vector<std::string> texts = {};
  std::vector<UnreadResults> unread = {};
  // Of a plan with fan-outs only: texts of StoreResults that this process stored, and why the latest could not be.
  std::vector<std::string> stored = {};
  std::optional<UnstoredResults> unstored = {};
  // Of a plan with approval tasks only:
  std::vector<GivenApproval> approvals;  // that name the run
  ApprovalGuard guard;
  WallTime created{};  // the run
  WallTime now{};
  std::optional<WallTime> started;      // of the run
  std::optional<WallTime> last_commit;  // of this process
};

}  // namespace atelier::engine
