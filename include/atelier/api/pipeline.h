// Pipeline: a task graph of a workspace.
#pragma once

#include "atelier/api/pod_fields.h"
#include "atelier/api/shared_types.h"

namespace atelier::api {

// Values of parameters and results are text, which typed_text.h reads by their type: string, int, bool, list or map.
struct Param {
  std::string name;
  std::string description = {};
  std::string type = "string";
  std::optional<std::string> default_value = {};  // "default" in JSON; without one every run must give a value
  std::vector<std::string> choices = {};          // "enum" in JSON; empty: any value

  bool operator==(const Param&) const = default;
};

struct TaskResult {
  std::string name;  // a key of the JSON object in $ATELIER_RESULTS
  std::string type = "string";

  bool operator==(const TaskResult&) const = default;
};

struct Backoff {
  Millis initial{10'000};
  double factor = 2;
  Millis max{300'000};
  double jitter = 0.1;  // each wait is longer by up to this part of it, other for every attempt

  bool operator==(const Backoff&) const = default;
};

struct Retry {
  std::int64_t limit = 0;  // further attempts after those that the task itself failed
  // Further attempts after those that the cluster ended: eviction, a lost node, a pod deleted or not started in time.
  std::optional<std::int64_t> infrastructure_limit;  // absent: as `limit`
  Backoff backoff;
  std::string when;  // an expression: which failures of the task itself are followed by another attempt; empty: all
  // After an attempt that ran out of memory the next has so many times the memory, at most the workspace's.
  double memory_factor = 1;

  bool operator==(const Retry&) const = default;
};

// One task for each item of a list. Exactly one of `items` and `in` is given.
struct ForEach {
  std::vector<std::string> items;
  std::string in;                            // an expression that says a list, see expression_scope.h
  std::optional<std::int64_t> max_parallel;  // pods at a time; absent: all

  bool operator==(const ForEach&) const = default;
};

inline constexpr std::size_t kMostItems = 10'000;  // of one ForEach, and of all in a run

inline constexpr std::size_t kLargestResults = 256U << 10U;  // bytes, of one task with large_results

// A task of people: it has no pod, and ends when enough of them have made an Approval of it.
struct ApprovalDemand {
  std::int64_t count = 1;         // different users
  std::optional<Millis> timeout;  // from when its predecessors have ended

  bool operator==(const ApprovalDemand&) const = default;
};

// In command, args and env values, of sidecars as well, references and expressions in ${...} are replaced, see
// template_text.h. A status is Succeeded, Failed, Skipped or Cancelled.
struct Task {
  static constexpr const char* kFail = "Fail";
  static constexpr const char* kContinue = "Continue";

  std::string name;   // a DNS label
  std::string image;  // empty: the workspace's, pinned to the live release's digest
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;
  std::vector<std::string> depends_on;     // see dependency.h
  std::string when;                        // an expression, see expression_scope.h; where it is false, it is skipped
  std::optional<ForEach> for_each;         // its results are lists, in the order of the items
  std::optional<ApprovalDemand> approval;  // nothing but a name, dependsOn, when and onFailure beside it
  std::vector<TaskResult> results;
  bool large_results = false;  // up to kLargestResults bytes together; else what a termination message takes, 4096
  Retry retry;
  std::string on_failure = kFail;         // or kContinue: the run goes on and can succeed
  std::optional<Millis> timeout;          // of each attempt, from the moment its pod starts on a node
  std::optional<Millis> pending_timeout;  // of each attempt, from its pod's creation until it runs
  std::optional<Millis> total_timeout;    // of all attempts and the waits between them, from the first pod's creation
  // Of the pod, see pod_fields.h.
  ContainerResources resources;  // in place of the profile's, in its bounds
  std::map<std::string, std::string> node_selector;
  std::vector<Toleration> tolerations;
  std::string priority_class_name;  // one that the tenant's BusinessDomain grants
  std::vector<VolumeMount> volume_mounts;
  std::vector<Sidecar> sidecars;

  bool operator==(const Task&) const = default;
};

// What is deleted by itself: runs that are over, and pods of attempts that have ended. No sooner than kShortestAge
// after their end, when no request of a former leader can be under way any more that would make such a pod again.
struct History {
  static constexpr std::chrono::seconds kShortestAge{90};

  std::optional<std::int64_t> succeeded_runs;  // how many are kept, the latest; absent: all
  std::optional<std::int64_t> failed_runs;     // of those that failed or were cancelled; absent: all
  std::optional<Millis> max_age;               // of a run, from its end; absent: none
  Millis pod_age = std::chrono::hours{72};     // of a pod, from its end
  std::int64_t pods_per_run = 1'000;           // of those that have ended, from 90 s after their end

  bool keeps_all_runs() const { return !succeeded_runs && !failed_runs && !max_age; }
  bool operator==(const History&) const = default;
};

struct PipelineSpec {
  LocalReference workspace;
  std::vector<Param> params;
  std::vector<Task> tasks;
  std::vector<Task> finally;              // run when all tasks have ended, however they did
  std::optional<Millis> timeout;          // of a run, from its start until `finally`
  std::optional<Millis> finally_timeout;  // of all that is in `finally`
  std::vector<Volume> volumes;            // that tasks can mount
  std::optional<std::int64_t> fs_group;   // owns what the tasks' pods mount, where the storage takes owners
  History history;

  bool operator==(const PipelineSpec&) const = default;
};

// The task of this name. REQUIRES that there is one.
const Task& task_of(const PipelineSpec& spec, std::string_view name);

struct PipelineStatus {
  std::int64_t observed_generation = 0;
  std::int64_t tasks = 0;
  meta::Conditions conditions;  // Ready: the spec is valid and its workspace can run it

  bool operator==(const PipelineStatus&) const = default;
};

struct Pipeline {
  static constexpr const char* kKind = "Pipeline";
  static constexpr const char* kPlural = "pipelines";
  static constexpr bool kNamespaced = true;

  meta::ObjectMeta metadata;
  PipelineSpec spec;
  PipelineStatus status;

  bool operator==(const Pipeline&) const = default;
};

}  // namespace atelier::api
