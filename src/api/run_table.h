// Field tables of PipelineRun and RunPlan.
#pragma once

#include "api/pipeline_table.h"
#include "atelier/api/pipeline_run.h"

namespace atelier::api {

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
                      field("duckdbMemoryMB", &P::duckdb_memory_mb),
                      field("chunkSizeRows", &P::chunk_size_rows),
                      field("runAsUser", &P::run_as_user),
                      field("pullPolicy", &P::pull_policy),
                      field("pullSecrets", &P::pull_secrets)};
  }
};

}  // namespace atelier::api
