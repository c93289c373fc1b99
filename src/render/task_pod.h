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
inline constexpr const char* kResultsPath = "/atelier/results";  // $ATELIER_RESULTS, the termination message path

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

// REQUIRES that the plan has the task: what does not depend on the attempt is taken from there.
nlohmann::json task_pod(const api::PipelineRun& run, const api::RunPin& pin, const api::RunPlan& plan,
                        const TaskAttempt& attempt);

}  // namespace atelier::render
