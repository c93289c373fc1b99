// Field tables of Pipeline, PipelineRun and RunPlan.
#pragma once

#include "api/pod_table.h"
#include "api/shared_table.h"
#include "atelier/api/pipeline_run.h"

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
                      field("maxAge", &History::max_age), field("podAge", &History::pod_age)};
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

template <>
struct Table<RunCancel> {
  static auto fields() {
    return std::tuple{field("reason", &RunCancel::reason), field("letRunningFinish", &RunCancel::let_running_finish),
                      field("finally", &RunCancel::finally)};
  }
};

template <>
struct Table<PipelineRunSpec> {
  using S = PipelineRunSpec;
  static auto fields() {
    return std::tuple{field("pipeline", &S::pipeline, required()),
                      field("params", &S::params),
                      field("author", &S::author),
                      field("cancel", &S::cancel),
                      field("suspend", &S::suspend),
                      field("skip", &S::skip),
                      field("retryOf", &S::retry_of),
                      field("rerunOf", &S::rerun_of)};
  }
};

template <>
struct Table<RunPin> {
  using P = RunPin;
  static auto fields() {
    return std::tuple{field("revision", &P::revision), field("workspace", &P::workspace), field("image", &P::image),
                      field("release", &P::release), field("params", &P::params)};
  }
};

template <>
struct Table<TaskCounts> {
  using C = TaskCounts;
  static auto fields() {
    return std::tuple{field("total", &C::total, always()),        field("waiting", &C::waiting, always()),
                      field("running", &C::running, always()),    field("succeeded", &C::succeeded, always()),
                      field("failed", &C::failed, always()),      field("skipped", &C::skipped, always()),
                      field("cancelled", &C::cancelled, always())};
  }
};

template <>
struct Table<TaskStatus> {
  using S = TaskStatus;
  static auto fields() {
    return std::tuple{
        field("name", &S::name, required()),
        field("state", &S::state, one_of({"Waiting", "Running", "Succeeded", "Failed", "Skipped", "Cancelled"})),
        field("attempt", &S::attempt, always()),
        field("restarts", &S::restarts),
        field("reason", &S::reason),
        field("message", &S::message),
        field("pod", &S::pod),
        field("startTime", &S::start_time),
        field("completionTime", &S::completion_time)};
  }
};

template <>
struct Table<PipelineRunStatus> {
  using S = PipelineRunStatus;
  static auto fields() {
    return std::tuple{field("observedGeneration", &S::observed_generation),
                      field("phase", &S::phase, one_of({"Pending", "Running", "Succeeded", "Failed", "Cancelled"})),
                      field("startTime", &S::start_time),
                      field("completionTime", &S::completion_time),
                      field("pin", &S::pin),
                      field("counts", &S::counts),
                      field("tasks", &S::tasks),
                      field("state", &S::state),
                      field("conditions", &S::conditions)};
  }
};

template <>
struct Table<RunPlan> {
  using P = RunPlan;
  static auto fields() {
    return std::tuple{field("pipeline", &P::pipeline, required()),
                      field("env", &P::env),
                      field("profile", &P::profile),
                      field("memoryMB", &P::memory_mb),
                      field("runAsUser", &P::run_as_user),
                      field("pullPolicy", &P::pull_policy),
                      field("pullSecrets", &P::pull_secrets)};
  }
};

}  // namespace atelier::api
