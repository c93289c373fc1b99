// PipelineRun: one execution of a Pipeline, pinned to an image digest and a spec.
#pragma once

#include "atelier/api/pipeline.h"
#include "atelier/api/shared_types.h"

namespace atelier::api {

struct RunCancel {
  std::string reason;  // shown in the Succeeded condition
  bool let_running_finish = false;
  bool finally = true;  // the tasks of `finally` run

  bool operator==(const RunCancel&) const = default;
};

struct PipelineRunSpec {
  LocalReference pipeline;                    // immutable
  std::map<std::string, std::string> params;  // immutable; at most 16 KiB together as JSON
  std::string author;                         // who started it, see engine/approval.h; immutable
  std::optional<RunCancel> cancel;            // may be set at any time, not taken back
  bool suspend = false;                       // no pod is made while it is true; those there go on
  std::vector<std::string> skip;              // tasks that are not to run, if they have not yet
  // At most one of the two, immutable; an earlier run of the same Pipeline.
  std::optional<RunReference> retry_of;  // executes what that one did, but for what succeeded; takes its params
  std::optional<RunReference> rerun_of;  // executes the Pipeline as it is now; takes its params, `params` over them

  bool operator==(const PipelineRunSpec&) const = default;
};

// What the run executes, fixed when it starts.
struct RunPin {
  std::string revision;  // the ControllerRevision that holds RunPlan, in the run's namespace
  std::string workspace;
  std::string image;                          // repository@sha256:...
  std::string release;                        // the workspace's live release at the start
  std::map<std::string, std::string> params;  // with retryOf or rerunOf: those of that run, the spec's own over them

  bool operator==(const RunPin&) const = default;
};

struct TaskCounts {
  std::int64_t total = 0;
  std::int64_t waiting = 0;  // for predecessors or for a retry
  std::int64_t running = 0;  // a pod exists, started or not
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;   // includes timed out
  std::int64_t skipped = 0;  // never ran, because of how predecessors ended or on request
  std::int64_t cancelled = 0;

  bool operator==(const TaskCounts&) const = default;
};

// One task as `kubectl get -o yaml` shows it.
struct TaskStatus {
  std::string name;
  std::string state;          // Waiting, Running, Succeeded, Failed, Skipped, Cancelled
  std::int64_t attempt = 0;   // the latest, counted from 1; 0 before the first
  std::int64_t restarts = 0;  // attempts that the cluster ended, not the task
  std::string reason;
  std::string message;  // why it is where it is
  std::string pod;      // of the latest attempt
  std::optional<WallTime> start_time;
  std::optional<WallTime> completion_time;

  bool operator==(const TaskStatus&) const = default;
};

struct PipelineRunStatus {
  std::int64_t observed_generation = 0;
  std::string phase;  // Pending, Running, Succeeded, Failed, Cancelled
  std::optional<WallTime> start_time;
  std::optional<WallTime> completion_time;
  std::optional<RunPin> pin;
  TaskCounts counts;
  std::vector<TaskStatus> tasks;  // at most 64: unfinished and failed ones first
  std::string state;              // the committed ledger of all tasks, compressed; for the operator
  meta::Conditions conditions;    // Succeeded

  bool operator==(const PipelineRunStatus&) const = default;
};

struct PipelineRun {
  static constexpr const char* kKind = "PipelineRun";
  static constexpr const char* kPlural = "pipelineruns";
  static constexpr bool kNamespaced = true;

  meta::ObjectMeta metadata;
  PipelineRunSpec spec;
  PipelineRunStatus status;

  bool operator==(const PipelineRun&) const = default;
};

// The content of a run's ControllerRevision: everything a task pod is made of besides the run itself. Shared by
// the runs that execute the same.
struct RunPlan {
  PipelineSpec pipeline;
  std::vector<EnvVar> env;  // the workspace's
  std::string profile;
  std::int64_t memory_mb = 0;
  std::int64_t duckdb_memory_mb = 0;  // 0 in plans from before there was one; so is the next
  std::int64_t chunk_size_rows = 0;
  std::int64_t run_as_user = 0;
  std::string pull_policy;
  std::vector<LocalReference> pull_secrets;

  bool operator==(const RunPlan&) const = default;
};

}  // namespace atelier::api
