// Tasks and retries under a condition.
#include "atelier/api/expression_scope.h"
#include "engine/needs.h"
#include "engine/retry.h"
#include "engine/turn.h"

namespace atelier::engine {
namespace {

using cel::Value;

Value::Map strings_of(const std::map<std::string, std::string>& values) {
  Value::Map out;
  for (const auto& [name, value] : values) out.insert_or_assign(api::identifier_of(name), Value(value));
  return out;
}

}  // namespace

cel::Bindings Turn::bindings_of(const Node& node) const {
  Value::Map tasks;
  for (const Node& other : graph_.order()) {
    const TaskEntry& entry = entry_of(ledger(), other.task->name);
    if (other.last || !ended(entry.state)) continue;
    Value::Map fields{{std::string("status"), Value(std::string(to_string(entry.state)))},
                      {std::string("results"), Value(strings_of(entry.results))}};
    tasks.emplace(api::identifier_of(other.task->name), Value(std::move(fields)));
  }
  Value::Map run{{std::string("name"), Value(in_.run.name)}, {std::string("namespace"), Value(in_.run.ns)}};
  if (node.last) run.emplace(std::string("status"), Value(std::string(to_string(phase_of_tasks()))));
  return {
      {"params", Value(strings_of(in_.params))}, {"run", Value(std::move(run))}, {"tasks", Value(std::move(tasks))}};
}

bool Turn::holds(const Node& node) {
  const auto answer = node.when->evaluate(bindings_of(node));
  const bool* const held = answer ? answer.value().as<bool>() : nullptr;
  if (held != nullptr && *held) return true;
  TaskEntry& own = entry(node.task->name);
  own.state = held == nullptr ? TaskState::failed : TaskState::skipped;
  own.reason = held == nullptr ? "WhenFailed" : kWhenFalse;
  own.message = answer ? "" : bounded(answer.error().message);
  own.finished = in_.now;
  decision_.why.erase(node.task->name);
  return false;
}

bool wants_another(const Node& node, TaskEntry& entry, std::optional<std::int64_t> exit_code) {
  if (!node.retry_when) return true;
  Value::Map attempt{{std::string("number"), Value(entry.attempt)}, {std::string("reason"), Value(entry.reason)}};
  if (exit_code) attempt.emplace(std::string("exitCode"), Value(*exit_code));
  const auto answer = node.retry_when->evaluate({{"attempt", Value(std::move(attempt))}});
  if (!answer) {
    entry.message = bounded("retry.when cannot be evaluated: " + answer.error().message + "; " + entry.message);
    return false;
  }
  const bool* const held = answer.value().as<bool>();
  return held != nullptr && *held;
}

}  // namespace atelier::engine
