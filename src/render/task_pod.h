// The pod of one attempt of one task.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"

namespace atelier::render {

inline constexpr const char* kTaskContainer = "task";
inline constexpr const char* kResultsPath = "/atelier/results";  // the termination message path, and $ATELIER_RESULTS
// Of a task with large results: the operator's sidecar, also the name of their volume, and $ATELIER_RESULTS.
inline constexpr const char* kResultsContainer = "atelier-results";
inline constexpr const char* kLargeResultsPath = "/atelier/large/results";

// What the engine decided about this attempt; command, args and env are substituted already, those of sidecars too.
struct TaskAttempt {
  std::string pod_name;
  std::string task;
  std::optional<std::int64_t> item;  // of a fan-out
  std::int64_t attempt = 1;
  std::string image;  // empty: the run's pinned one
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<api::EnvVar> env;
  std::optional<Millis> timeout;
  std::vector<api::Sidecar> sidecars;
  std::int64_t out_of_memory = 0;  // attempts before that ran out of memory
};

// REQUIRES that the plan has the task: what does not depend on the attempt is taken from there. `stage_image` holds the
// static /atelier-stage.
nlohmann::json task_pod(const api::PipelineRun& run, const api::RunPin& pin, const api::RunPlan& plan,
                        const TaskAttempt& attempt, const std::string& stage_image);

}  // namespace atelier::render
