// Pipeline: a task graph of a workspace.
#pragma once

#include "atelier/api/shared_types.h"

namespace atelier::api {

struct Param {
  std::string name;
  std::string description;
  std::optional<std::string> default_value;  // "default" in JSON; without one every run must give a value

  bool operator==(const Param&) const = default;
};

struct TaskResult {
  std::string name;  // a key of the JSON object in $ATELIER_RESULTS

  bool operator==(const TaskResult&) const = default;
};

struct Backoff {
  Millis initial{10'000};
  double factor = 2;
  Millis max{300'000};

  bool operator==(const Backoff&) const = default;
};

struct Retry {
  std::int64_t limit = 0;  // further attempts after the first
  Backoff backoff;

  bool operator==(const Retry&) const = default;
};

// ${params.NAME}, ${tasks.TASK.results.NAME}, ${run.name} and ${run.namespace} are replaced in command, args and
// env values, once: what is inserted is not read again. "$${" is a literal "${".
struct Task {
  std::string name;   // a DNS label
  std::string image;  // empty: the workspace's, pinned to the live release's digest
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;
  std::vector<std::string> depends_on;
  std::vector<TaskResult> results;
  Retry retry;
  std::optional<Millis> timeout;  // of each attempt, from the moment its pod starts on a node

  bool operator==(const Task&) const = default;
};

struct PipelineSpec {
  LocalReference workspace;
  std::vector<Param> params;
  std::vector<Task> tasks;

  bool operator==(const PipelineSpec&) const = default;
};

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
