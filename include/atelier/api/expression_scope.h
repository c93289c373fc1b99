// What the expressions of a Pipeline know. Names are written with "_" for "-", so that they can be selected; of names
// that become the same so, none is known.
//
//   params.NAME                a string
//   run.name, run.namespace    strings; in `finally` also run.status
//   tasks.NAME.status          Succeeded, Failed, Skipped or Cancelled
//   tasks.NAME.results.NAME    a string; a task that did not succeed has none, which has() tells
//   attempt.number             of `retry.when`: the attempt that failed, an int
//   attempt.reason             TaskFailed, OOMKilled, TimedOut, ...
//   attempt.exitCode           an int; has() tells whether the container had one
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "atelier/api/pipeline.h"
#include "atelier/cel/expression.h"

namespace atelier::api {

std::string identifier_of(std::string_view name);

// `known` says which of spec.tasks have ended when the expression is evaluated; `last`: it stands in `finally`.
cel::Variables variables_of_when(const PipelineSpec& spec, const std::function<bool(const Task&)>& known, bool last);
cel::Variables variables_of_retry();

// Error: invalid, with line and column, for what is no expression or is not a bool.
Result<cel::Expression> compile_condition(const std::string& text, const cel::Variables& variables);

}  // namespace atelier::api
