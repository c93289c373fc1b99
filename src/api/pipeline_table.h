// Field table of Pipeline.
#pragma once

#include "api/pod_table.h"
#include "api/shared_table.h"
#include "atelier/api/pipeline.h"

namespace atelier::api {

inline Rules value_types() { return one_of({"string", "int", "bool", "list", "map"}); }

template <>
struct Table<Param> {
  static auto fields() {
    return std::tuple{field("name", &Param::name, required()), field("description", &Param::description),
                      field("type", &Param::type, value_types()), field("default", &Param::default_value),
                      field("enum", &Param::choices)};
  }
};

template <>
struct Table<TaskResult> {
  static auto fields() {
    return std::tuple{field("name", &TaskResult::name, required()), field("type", &TaskResult::type, value_types())};
  }
};

template <>
struct Table<Backoff> {
  static auto fields() {
    return std::tuple{field("initial", &Backoff::initial), field("factor", &Backoff::factor, between(1, 10)),
                      field("max", &Backoff::max), field("jitter", &Backoff::jitter, between(0, 1))};
  }
};

template <>
struct Table<Retry> {
  static auto fields() {
    return std::tuple{field("limit", &Retry::limit, between(0, 100)),
                      field("infrastructureLimit", &Retry::infrastructure_limit, between(0, 100)),
                      field("backoff", &Retry::backoff), field("when", &Retry::when),
                      field("memoryFactor", &Retry::memory_factor, between(1, 8))};
  }
};

template <>
struct Table<ForEach> {
  static auto fields() {
    return std::tuple{field("items", &ForEach::items), field("in", &ForEach::in),
                      field("maxParallel", &ForEach::max_parallel, between(1, kMostItems))};
  }
};

template <>
struct Table<ApprovalDemand> {
  static auto fields() {
    return std::tuple{field("count", &ApprovalDemand::count, between(1, 20)),
                      field("timeout", &ApprovalDemand::timeout)};
  }
};

template <>
struct Table<Task> {
  static auto fields() {
    return std::tuple{field("name", &Task::name, required()),
                      field("image", &Task::image),
                      field("command", &Task::command),
                      field("args", &Task::args),
                      field("env", &Task::env),
                      field("dependsOn", &Task::depends_on),
                      field("when", &Task::when),
                      field("forEach", &Task::for_each),
                      field("approval", &Task::approval),
                      field("results", &Task::results),
                      field("largeResults", &Task::large_results),
                      field("retry", &Task::retry),
                      field("onFailure", &Task::on_failure, one_of({Task::kFail, Task::kContinue})),
                      field("timeout", &Task::timeout),
                      field("pendingTimeout", &Task::pending_timeout),
                      field("totalTimeout", &Task::total_timeout),
                      field("resources", &Task::resources),
                      field("nodeSelector", &Task::node_selector),
                      field("tolerations", &Task::tolerations),
                      field("priorityClassName", &Task::priority_class_name),
                      field("volumeMounts", &Task::volume_mounts),
                      field("sidecars", &Task::sidecars)};
  }
};

template <>
struct Table<History> {
  static auto fields() {
    return std::tuple{field("succeededRuns", &History::succeeded_runs, between(0, 10'000)),
                      field("failedRuns", &History::failed_runs, between(0, 10'000)),
                      field("maxAge", &History::max_age), field("podAge", &History::pod_age),
                      field("podsPerRun", &History::pods_per_run, between(1, 10'000))};
  }
};

template <>
struct Table<PipelineSpec> {
  using S = PipelineSpec;
  static auto fields() {
    return std::tuple{field("workspace", &S::workspace, required()),
                      field("params", &S::params),
                      field("tasks", &S::tasks, required()),
                      field("finally", &S::finally),
                      field("timeout", &S::timeout),
                      field("finallyTimeout", &S::finally_timeout),
                      field("volumes", &S::volumes),
                      field("fsGroup", &S::fs_group, between(1, kLargestId)),
                      field("history", &S::history)};
  }
};

template <>
struct Table<PipelineStatus> {
  using S = PipelineStatus;
  static auto fields() {
    return std::tuple{field("observedGeneration", &S::observed_generation), field("tasks", &S::tasks, always()),
                      field("conditions", &S::conditions)};
  }
};

}  // namespace atelier::api
