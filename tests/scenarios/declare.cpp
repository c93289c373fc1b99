// The first part of a scenario: what the run is made of.
#include <functional>

#include "scenarios/words.h"
#include "scenarios/world.h"

namespace atelier::engine::scenarios {

// param NAME[:TYPE]=VALUE | timeout 1h | finally-timeout 1m | task NAME ... | finally NAME ..., with
// [after A,B.Failed] [args TEXT] [sidecar TEXT] [results A,B] [retry N] [infrastructure N] [initial 1s] [factor N] [max
// 1m] [jitter N] [timeout 1m] [pending 1m] [total 1m] [on-failure Continue] [approvals N] [approval-timeout 1h] [when
// EXPRESSION] [retry-when EXPRESSION] [for-each A,B] [in EXPRESSION] [parallel N] | author NAME [large RESULTS]: as
// results, and they are large. A result is NAME or NAME:TYPE. `takes-over TASK` is of an earlier run whose task
// succeeded, and `takes-over TASK yes,no` of one some of whose items did. `decide-only`: what it shows depends on when
// it is looked at, so that an execution, which is told of changes only, does not play it as well.
void World::declare(const std::string& line) {
  const auto words = split(line, ' ');
  api::PipelineSpec& pipeline = plan_.pipeline;
  if (words == std::vector<std::string>{"decide-only"}) {
    mirrored_ = false;
    return;
  }
  if (words.size() < 2) throw wrong(line);
  if (words[0] == "param") {
    const auto parts = split(words[1], '=');
    const auto name = split(parts.at(0), ':');
    params_[name.at(0)] = parts.size() > 1 ? parts[1] : "";
    api::Param& param = pipeline.params.emplace_back();
    param.name = name[0];
    if (name.size() > 1) param.type = name[1];
  } else if (words[0] == "author") {
    spec_.author = words[1];
  } else if (words[0] == "timeout") {
    pipeline.timeout = duration(words[1]);
  } else if (words[0] == "finally-timeout") {
    pipeline.finally_timeout = duration(words[1]);
  } else if (words[0] == "takes-over") {
    take_over(words);
  } else if (words[0] == "task") {
    pipeline.tasks.push_back(task(words));
  } else if (words[0] == "finally") {
    pipeline.finally.push_back(task(words));
  } else {
    throw wrong(line);
  }
}

// As reconcile::taken_over() does.
void World::take_over(const std::vector<std::string>& words) {
  const auto succeed = [](Entry& entry) {
    entry.state = TaskState::succeeded;
    entry.reason = "TakenOver";
  };
  TaskEntry& entry = committed_.tasks[words[1]];
  committed_.phase = RunPhase::running;
  if (words.size() < 3) return succeed(entry);
  entry.state = TaskState::running;
  for (const std::string& item : split(words[2], ',')) {
    Entry& added = entry.items.emplace_back();
    if (item == "yes") succeed(added);
  }
}

api::Task World::task(const std::vector<std::string>& words) {
  api::Task task;
  task.name = words[1];
  task.retry.backoff.jitter = 0;
  using Setter = std::function<void(const std::string&)>;
  const Setter add_results = [&task](const std::string& value) {
    for (const std::string& text : split(value, ',')) {
      const auto parts = split(text, ':');
      api::TaskResult& result = task.results.emplace_back();
      result.name = parts.at(0);
      if (parts.size() > 1) result.type = parts[1];
    }
  };
  const std::map<std::string, Setter> setters = {
      {"after", [&](const auto& value) { task.depends_on = split(value, ','); }},
      {"args", [&](const auto& value) { task.args = split(value, ','); }},
      {"results", add_results},
      {"large",
       [&](const auto& value) {
         add_results(value);
         task.large_results = true;
       }},
      {"sidecar",
       [&](const auto& value) {
         api::Sidecar& sidecar = task.sidecars.emplace_back();
         sidecar.name = "sidecar";
         sidecar.args = split(value, ',');
       }},
      {"retry", [&](const auto& value) { task.retry.limit = std::stoll(value); }},
      {"infrastructure", [&](const auto& value) { task.retry.infrastructure_limit = std::stoll(value); }},
      {"initial", [&](const auto& value) { task.retry.backoff.initial = duration(value); }},
      {"factor", [&](const auto& value) { task.retry.backoff.factor = std::stod(value); }},
      {"max", [&](const auto& value) { task.retry.backoff.max = duration(value); }},
      {"jitter", [&](const auto& value) { task.retry.backoff.jitter = std::stod(value); }},
      {"timeout", [&](const auto& value) { task.timeout = duration(value); }},
      {"pending", [&](const auto& value) { task.pending_timeout = duration(value); }},
      {"total", [&](const auto& value) { task.total_timeout = duration(value); }},
      {"approvals", [&](const auto& value) { task.approval = api::ApprovalDemand{std::stoll(value), std::nullopt}; }},
      {"approval-timeout", [&](const auto& value) { task.approval->timeout = duration(value); }},
      {"when", [&](const auto& value) { task.when = spaced(value); }},
      {"retry-when", [&](const auto& value) { task.retry.when = spaced(value); }},
      {"for-each", [&](const auto& value) { task.for_each = api::ForEach{split(value, ','), "", std::nullopt}; }},
      {"in", [&](const auto& value) { task.for_each = api::ForEach{{}, spaced(value), std::nullopt}; }},
      {"parallel", [&](const auto& value) { task.for_each->max_parallel = std::stoll(value); }},
      {"on-failure", [&](const auto& value) { task.on_failure = value; }}};
  if (words.size() % 2 != 0) throw wrong(rest(words, 0));
  for (std::size_t i = 2; i < words.size(); i += 2) {
    const auto setter = setters.find(words[i]);
    if (setter == setters.end()) throw wrong(rest(words, 0));
    setter->second(words[i + 1]);
  }
  return task;
}

}  // namespace atelier::engine::scenarios
