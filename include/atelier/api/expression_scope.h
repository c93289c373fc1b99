// What the expressions of a Pipeline know. Names are written with "_" for "-", so that they can be selected; of names
// that become the same so, none is known.
//
//   params.NAME                of the parameter's type
//   run.name, run.namespace    strings; in `finally` also run.status
//   tasks.NAME.status          Succeeded, Failed, Skipped or Cancelled
//   tasks.NAME.results.NAME    of the result's type T, or list(T) of a task with forEach; a task that did not succeed
//                              has none, which has() tells
//   item, index                in texts of a task with forEach: the item, and an int that counts from 0
//   attempt.number             of `retry.when`: the attempt that failed, an int
//   attempt.reason             TaskFailed, OOMKilled, TimedOut, ...
//   attempt.exitCode           an int; has() tells whether the container had one
#pragma once

#include <string>
#include <string_view>

#include "atelier/api/pipeline.h"
#include "atelier/cel/expression.h"

namespace atelier::api {

std::string identifier_of(std::string_view name);

// Of `when`, forEach.in and ${...}. `last`: they stand in `finally`. Every task of spec.tasks is there: an expression
// may read only those that have ended when it is evaluated, which Expression::reads() tells.
cel::Variables variables_of(const PipelineSpec& spec, bool last);
// Those of ${...} in the task's texts, of which `variables` are all but the item's.
cel::Variables with_item(cel::Variables variables, const Task& task);
cel::Variables variables_of_retry();

// Error: invalid, with line and column, for what is no expression or is not a bool.
Result<cel::Expression> compile_condition(const std::string& text, const cel::Variables& variables);

// Of forEach.in. Error: as above, for what can be no list; a dyn can turn out to be
// none.
Result<cel::Expression> compile_list(const std::string& text, const cel::Variables& variables);

}  // namespace atelier::api
