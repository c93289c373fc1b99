// The rules by which a run proceeds: a pure, total and deterministic function from what is observed to what must
// be done now. Every rule is one file of src/engine and has scenarios in tests/scenarios. execution.h does the same
// from one change to the next.
//
// Claim (claim.cpp). Creating the pod is the claim on an attempt. Its name follows from run UID, task and attempt,
//   so that a second create meets the first. Attempt n is created only while no pod of it is seen and the ledger
//   does not say that it ended: no pod and nothing committed means never created.
// Hop (claim.cpp, needs.cpp). A task starts once all its predecessors' pods are seen to have ended in the way that it
//   asks for (api/dependency.h), and all whose results or status it reads; results come from the pods. Nothing waits
//   for a commit.
// Settle (settle.cpp, outcome.cpp, results.cpp). A pod's end becomes the outcome of its attempt. Declared results
//   must be in the termination message: ResultsMissing, ResultsTruncated, ResultsInvalid or ResultsTooLarge fail.
// Large results (large_results.cpp). A task with largeResults has ended when what its sidecar handed on is read, and
//   stored if others use it: before the commit that refers to it, as the pod's log goes with the pod. It is asked for
//   until ten minutes after the pod's end: ResultsUnreadable. The attempt is running as long, whatever stops the run.
// Items' results (item_results.cpp). What a fan-out's items hand on is in the ledger as far as it has room: 8 KiB.
// Where
//   that is full, all of it that is not stored yet is, as one page, and the ledger refers to it. An item whose results
//   have no room is running until they are stored, whatever stops the run. Together they are at most 1 MiB.
// Retry (retry.cpp). A failed attempt is followed by the next, after initial * factor^(n-1), at most max, and a jitter
//   that follows from the pod's name, counted from its end. What the task failed itself counts against `limit`; what
//   the cluster ended (evicted, lost, deleted, never started) against `infrastructureLimit`.
// Clocks (clocks.cpp). A pod that does not run within pendingTimeout is deleted: PendingTimedOut. All attempts and
//   waits of a task together take at most totalTimeout: TaskTimedOut. A single attempt is limited by the kubelet.
// Lost (settle.cpp). An attempt that the ledger says is running, or whose pod this process made, and whose pod is in
//   no cache is PodLost, after a live GET confirms it: caches lag. Such a ledger may be old itself, so that the next
//   attempt waits for the commit. A pod removed by force is PodLost too. A pod of unknown phase is waited for.
//   The same goes for a pod that the API made and that no cache shows.
// Rejected (claim.cpp). A create that the API refuses for good fails the task: PodRejected. Other refusals, such as
//   a quota's, are tried again after 5 s * 2^(n-1), at most a minute.
// Fan-out (fan_out.cpp, items.cpp). When the turn of a task with forEach has come, its list is made, and each item is
//   executed as a task of its own, at most maxParallel at a time, in their order. What has not ended runs on when one
//   fails; when all have ended, the task has: ItemsFailed if one failed. A list that cannot be made, or is too long,
//   fails the task before anything runs: ForEachFailed, TooManyItems. The list is not kept; it follows from parameters
//   and results.
//   Items that a run did not take over from an earlier one wait for what the task depends on; where that ends otherwise
//   than asked for they are Skipped, and so is the task.
// Texts (pod.cpp). What ${...} stands for is inserted once and not read again. An expression that cannot be evaluated
//   fails the task: ExpressionFailed; one that comes to a result of a task that did not succeed skips it: NoInput, and
//   in `finally` inserts nothing. A text fails the task, too, that is longer than Linux passes to a program:
//   TextTooLong.
// Memory (settle.cpp). How many attempts ran out of memory is counted; the next may be given more, see api::Retry.
// Skip (skip.cpp). A task whose predecessors ended otherwise than it asks for is Skipped, as is one whose results to
//   insert do not exist (NoInput); independent branches run on. A task named in spec.skip is Skipped when its turn
//   comes, or instead of another attempt, and what plainly depends on it runs. One that runs or has ended, and one that
//   people have to approve, cannot be: the run says so.
// When (when.cpp). A task whose `when` is false once its predecessors have ended is skipped, and what plainly depends
//   on it runs. One that cannot be evaluated fails the task: WhenFailed; one that comes to a result of a task that did
//   not succeed skips it: NoInput. A failure of the task itself is followed by
//   another attempt only where `retry.when` holds.
// Approve (approve.cpp, approval.cpp). A task of people succeeds when as many as it wants have approved, and fails when
//   one rejects, when its time is over, or when nobody's word can count: Rejected, ApprovalTimedOut, ApprovalRefused.
//   They are asked, whatever its `when` says, where that reads a task that was skipped on request, or one that needs or
//   reads such a one, through any number of tasks.
//   Nothing starts between that, or a skip on request, and its commit: a word that had effect cannot be taken back.
// Suspend (claim.cpp). While spec.suspend is true no pod is made, but for `finally` of a run that was stopped; what
//   runs goes on, and so do time and people.
// Withheld (claim.cpp). While the run's workspace is not admitted no pod is made at all; what runs goes on.
// Stop (stop.cpp). A cancelled run makes no new pods, live ones are deleted unless letRunningFinish, and what has not
//   started is Cancelled. What succeeds meanwhile has succeeded. A run beyond its timeout does the same: RunTimedOut.
// Finally (conclude.cpp). When all tasks have ended, however they did, those of `finally` start, also in a cancelled
//   run unless it says not to. Their time is limited apart: FinallyTimedOut.
// Conclude (conclude.cpp). A run ends when all tasks have: Cancelled if one was, else Failed if one failed whose
//   onFailure is not Continue, else Succeeded. A plan that is no graph ends at once: InvalidPipeline.
// Commit (commit.cpp). Changes go to status at most once a second, at once when the run ends, never without one.
// Release (clean_up.cpp). The finalizer leaves a pod only when the observed ledger holds the attempt's outcome:
//   commit, then release. A live pod of an attempt that the ledger has ended, of an unknown task or of a finished
//   run is deleted and released. Who performs it may wait (reconcile/late_creates.h). Finished pods are not deleted
//   here: they go when they are old (reconcile/pod_retention.h), or with the run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "atelier/engine/observed.h"

namespace atelier::engine {

struct CreatePod {
  std::string pod_name;
  std::string task;
  std::int64_t item = kNoItem;  // of a fan-out
  std::int64_t attempt = 1;
  std::string image;                 // empty: the run's
  std::vector<std::string> command;  // with args and env: substituted
  std::vector<std::string> args;
  std::vector<api::EnvVar> env;
  std::optional<Millis> timeout;       // activeDeadlineSeconds
  std::vector<api::Sidecar> sidecars;  // substituted as well
  std::int64_t out_of_memory = 0;      // attempts before that ran out of memory

  bool operator==(const CreatePod&) const = default;
};

// With a UID precondition; not found is success.
struct DeletePod {
  std::string name;
  Uid uid;
  std::string why;

  bool operator==(const DeletePod&) const = default;
};

// Remove the finalizer atelier.dev/result; not found is success.
struct ReleasePod {
  std::string name;
  Uid uid;

  bool operator==(const ReleasePod&) const = default;
};

// A live GET: if there is no such pod, or one that is not this run's, the attempt belongs into Observed::gone.
struct ConfirmGone {
  std::string name;
  Attempt attempt;

  bool operator==(const ConfirmGone&) const = default;
};

// Read what the pod's sidecar handed on from its log, and if `store` make it outlast the pod; then tell the text.
struct FetchResults {
  std::string pod;
  Attempt attempt;
  std::string sha256;  // of the text
  bool store = false;

  bool operator==(const FetchResults&) const = default;
};

// Make a text outlast the pods whose results are in it; then tell that it is stored.
struct StoreResults {
  std::string sha256;  // of the text
  std::string text;

  bool operator==(const StoreResults&) const = default;
};

// Write Decision::ledger and Decision::status now, under a resourceVersion precondition.
struct CommitStatus {
  bool operator==(const CommitStatus&) const = default;
};

using Action = std::variant<CreatePod, DeletePod, ReleasePod, ConfirmGone, FetchResults, StoreResults, CommitStatus>;

// The type of a condition that is there while something is asked of the run that cannot be done.
inline constexpr const char* kRequestRefused = "RequestRefused";

// The parts of PipelineRunStatus that follow from plan and ledger: at most 64 KiB with the encoded ledger.
struct RunStatus {
  std::string phase;
  api::TaskCounts counts;
  std::vector<api::TaskStatus> tasks;      // at most 64: failed, running and waiting ones first
  meta::Condition succeeded;               // without observed generation and transition time
  std::optional<meta::Condition> refused;  // kRequestRefused
  std::optional<WallTime> completion_time;

  bool operator==(const RunStatus&) const = default;
};

struct Decision {
  std::vector<Action> actions;      // in any order, concurrently if wished: none relies on another
  Ledger ledger;                    // what a commit writes; equals the committed one if there is nothing to write
  RunStatus status;                 // of `ledger`
  std::optional<WallTime> wake_at;  // decide again then, if nothing happens before
  std::map<std::string, std::string> why;  // per task that could run and does not: what it waits for
};

Decision decide(const Observed& observed);

// The name that claims an attempt.
std::string pod_name(const ObjectKey& run, const Uid& run_uid, const Attempt& attempt);

// "process[3]"; of a task that is no fan-out its name.
std::string name_of_item(const std::string& task, std::int64_t item);

}  // namespace atelier::engine
