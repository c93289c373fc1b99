// Tasks and retries under a condition, and what expressions know.
#include "atelier/api/expression_scope.h"
#include "atelier/api/typed_text.h"
#include "engine/retry.h"
#include "engine/state.h"

namespace atelier::engine {
namespace {

using cel::Value;

// What does not have its type is left out, so that an expression that needs it says so.
void add(Value::Map& to, const std::string& name, const std::string& type, const std::string& text) {
  if (auto value = api::value_of_text(type, text)) {
    to.insert_or_assign(api::identifier_of(name), std::move(value).value());
  }
}

constexpr const char* kNoResults = "did not run: it uses results of ";

}  // namespace

// What an expression says that could not do without a result of a task which has none; empty if it failed otherwise.
std::string State::lacks_results(const Part& part, const Error& error, const cel::Expression::Paths& absent) const {
  if (error.code != Errc::not_found) return "";
  for (const cel::Expression::Path& path : absent) {
    if (path.size() != 4 || path[0] != "tasks" || path[2] != "results") continue;
    for (const std::size_t read : part.node->reads) {
      const Part& other = parts_[read];
      const bool is_meant = api::identifier_of(other.task().name) == path[1];
      if (is_meant && other.entry->state != TaskState::succeeded) {
        return kNoResults + other.task().name + ", which has none";
      }
    }
  }
  return "";
}

// By identifier; of a fan-out lists, in the order of the items.
Value State::results_of(const Part& from) const {
  Value::Map out;
  if (from.entry->state != TaskState::succeeded) return Value(std::move(out));
  for (const api::TaskResult& result : from.task().results) {
    if (!from.node->consumed.contains(result.name)) continue;
    if (!from.is_fan_out()) {
      const auto at = from.entry->results.find(result.name);
      if (at != from.entry->results.end()) add(out, result.name, result.type, at->second);
      continue;
    }
    Value::List list;
    list.reserve(from.entry->items.size());
    for (const Entry& item : from.entry->items) {
      const auto at = item.results.find(result.name);
      auto value = at == item.results.end() ? Result<Value>(Value{}) : api::value_of_text(result.type, at->second);
      list.push_back(value ? std::move(value).value() : Value{});
    }
    out.insert_or_assign(api::identifier_of(result.name), Value(std::move(list)));
  }
  return Value(std::move(out));
}

cel::Bindings State::bindings_of(const Part& part) const {
  Value::Map params;
  for (const api::Param& param : graph_.spec().params) {
    if (const auto at = params_.find(param.name); at != params_.end()) add(params, param.name, param.type, at->second);
  }
  Value::Map tasks;
  for (const std::size_t read : part.node->reads) {
    const Part& other = parts_[read];
    if (!ended(other.entry->state)) continue;
    Value::Map fields{{std::string("status"), Value(std::string(to_string(other.entry->state)))},
                      {std::string("results"), results_of(other)}};
    tasks.emplace(api::identifier_of(other.task().name), Value(std::move(fields)));
  }
  Value::Map run{{std::string("name"), Value(run_.run.name)}, {std::string("namespace"), Value(run_.run.ns)}};
  if (part.node->last) run.emplace(std::string("status"), Value(std::string(to_string(phase_of_tasks()))));
  return {{"params", Value(std::move(params))}, {"run", Value(std::move(run))}, {"tasks", Value(std::move(tasks))}};
}

bool State::holds(const Part& part, Entry& next) const {
  cel::Expression::Paths absent;
  const auto answer = part.node->when->evaluate(bindings_of(part), {}, &absent);
  const bool* const held = answer ? answer.value().as<bool>() : nullptr;
  if (held != nullptr && *held) return true;
  if (const std::string lacks = answer ? "" : lacks_results(part, answer.error(), absent); !lacks.empty()) {
    skip_without_input(next, lacks);
    return false;
  }
  next.state = held == nullptr ? TaskState::failed : TaskState::skipped;
  next.reason = held == nullptr ? "WhenFailed" : kWhenFalse;
  next.message = answer ? "" : bounded(answer.error().message);
  next.finished = now_;
  return false;
}

bool wants_another(const Node& node, Entry& entry, std::optional<std::int64_t> exit_code) {
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
