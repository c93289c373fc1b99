// Expressions that are right and cannot mean what they say.
#include <algorithm>
#include <optional>
#include <set>

#include "api/graph_check.h"
#include "api/warnings.h"
#include "atelier/api/dependency.h"
#include "atelier/api/expression_scope.h"
#include "atelier/api/template_text.h"

namespace atelier::api {
namespace {

using Path = cel::Expression::Path;
using Words = std::vector<std::string>;

// What a failure of the task itself is called; the last two are the kubelet's own, of a container that did not start.
const Words kReasons = {"TaskFailed",       "OOMKilled",         "TimedOut",   "ResultsMissing",    "ResultsInvalid",
                        "ResultsTruncated", "ResultsUnreadable", "StartError", "ContainerCannotRun"};
const Words kEndsOfTasks = {"Succeeded", "Failed", "Skipped", "Cancelled"};
const Words kEndsOfRuns = {"Succeeded", "Failed", "Cancelled"};

std::string joined(const Words& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

class ExpressionCheck {
 public:
  ExpressionCheck(Findings& found, const PipelineSpec& spec) : found_(found), spec_(spec), graph_(spec) {}

  void task(const Task& task, const std::string& path, bool last) {
    task_ = &task;
    std::optional<cel::Variables>& shared = last ? of_finally_ : of_tasks_;
    if (!shared) shared = variables_of(spec_, last);
    if (!task.when.empty()) look_at(task.when, *shared, path + ".when");
    if (task.for_each && !task.for_each->in.empty()) look_at(task.for_each->in, *shared, path + ".forEach.in");
    if (!task.retry.when.empty()) look_at(task.retry.when, variables_of_retry(), path + ".retry.when");
    of_texts_.reset();
    texts(task, path, *shared);
    for (std::size_t i = 0; i < task.sidecars.size(); ++i) texts(task.sidecars[i], at(path + ".sidecars", i), *shared);
  }

 private:
  template <class Container>
  void texts(const Container& from, const std::string& path, const cel::Variables& shared) {
    for (std::size_t i = 0; i < from.command.size(); ++i) text(from.command[i], shared, at(path + ".command", i));
    for (std::size_t i = 0; i < from.args.size(); ++i) text(from.args[i], shared, at(path + ".args", i));
    for (std::size_t i = 0; i < from.env.size(); ++i) {
      text(from.env[i].value, shared, at(path + ".env", i) + ".value");
    }
  }

  void text(const std::string& text, const cel::Variables& shared, const std::string& path) {
    const auto segments = parse_template(text);
    if (!segments) return;
    for (const Segment& segment : segments.value()) {
      if (segment.kind != Segment::Kind::expression) continue;
      if (!of_texts_) of_texts_ = with_item(shared, *task_);
      look_at(segment.text, *of_texts_, path);
    }
  }

  // One that is none is refused elsewhere.
  void look_at(const std::string& text, const cel::Variables& variables, const std::string& path) {
    const auto compiled = cel::Expression::compile(text, variables);
    if (!compiled) return;
    for (const auto& [read, with] : compiled.value().comparisons()) {
      const auto possible = values_of(read);
      if (!possible || std::find(possible->begin(), possible->end(), with) != possible->end()) continue;
      found_.add("NeverEqual", path,
                 joined(read, ".") + " is compared with '" + with + "', which it never is; it is one of " +
                     joined(*possible, ", "));
    }
    std::set<std::string> told;
    for (const Path& read : compiled.value().reads()) {
      const Task* const other = read.size() > 3 && read[0] == "tasks" ? graph_.find_identifier(read[1]) : nullptr;
      if (other == nullptr || read[2] != "results" || !has_none(other->name)) continue;
      if (!told.insert(other->name).second) continue;
      found_.add("NoResults", path,
                 "reads results of \"" + other->name +
                     "\", which has none where this task runs: dependsOn asks for its " +
                     "failure or its skip; depend on its success, or on its end and ask with has(...)");
    }
  }

  // What it can be, where that is known.
  std::optional<Words> values_of(const Path& path) const {
    if (path.size() == 3 && path[0] == "tasks" && path[2] == "status") return kEndsOfTasks;
    if (path == Path{"run", "status"}) return kEndsOfRuns;
    if (path == Path{"attempt", "reason"}) return kReasons;
    if (path.size() != 2 || path[0] != "params") return std::nullopt;
    for (const Param& param : spec_.params) {
      if (identifier_of(param.name) != path[1]) continue;
      return param.choices.empty() ? std::nullopt : std::optional(param.choices);
    }
    return std::nullopt;
  }

  bool has_none(const std::string& other) const {
    return std::any_of(task_->depends_on.begin(), task_->depends_on.end(), [&](const std::string& text) {
      const auto need = parse_dependency(text);
      return need && need.value().task == other &&
             (need.value().on == Ending::failed || need.value().on == Ending::skipped);
    });
  }

  Findings& found_;
  const PipelineSpec& spec_;
  const GraphCheck graph_;
  const Task* task_ = nullptr;
  std::optional<cel::Variables> of_tasks_, of_finally_;
  std::optional<cel::Variables> of_texts_;  // of task_
};

}  // namespace

void warn_of_expressions(Findings& found, const PipelineSpec& spec) {
  ExpressionCheck check(found, spec);
  for (std::size_t i = 0; i < spec.tasks.size(); ++i) check.task(spec.tasks[i], at("spec.tasks", i), false);
  for (std::size_t i = 0; i < spec.finally.size(); ++i) check.task(spec.finally[i], at("spec.finally", i), true);
}

}  // namespace atelier::api
