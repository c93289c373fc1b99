#include <algorithm>
#include <set>

#include "api/findings.h"
#include "api/graph_check.h"
#include "api/pod_check.h"
#include "atelier/api/dependency.h"
#include "atelier/api/expression_scope.h"
#include "atelier/api/template_text.h"

namespace atelier::api {
namespace {

constexpr std::size_t kLongestReason = 256;  // of a cancel
constexpr std::size_t kMostTasks = 500;
constexpr std::size_t kMostFinally = 20;
constexpr std::chrono::hours kLongest{8760};  // a year; of a timeout or a delay

// The checks of one Pipeline that need to see all of it.
class PipelineCheck {
 public:
  explicit PipelineCheck(const PipelineSpec& spec) : spec_(spec), graph_(spec) {}

  Violations run() {
    found_.reference(spec_.workspace.name, "spec.workspace.name", "the Workspace whose image the tasks run");
    params();
    if (spec_.tasks.empty()) found_.add("InvalidValue", "spec.tasks", "is empty; a pipeline needs a task");
    if (too_many(spec_.tasks, "spec.tasks", kMostTasks) || too_many(spec_.finally, "spec.finally", kMostFinally)) {
      return found_.take();
    }
    found_.unique(spec_.tasks, "spec.tasks", "DuplicateTask");
    for (std::size_t i = 0; i < spec_.tasks.size(); ++i) task(spec_.tasks[i], at("spec.tasks", i));
    finally();
    check_volumes(found_, spec_.volumes, "spec.volumes");
    cycle();
    time(spec_.timeout, "spec.timeout");
    time(spec_.finally_timeout, "spec.finallyTimeout");
    return found_.take();
  }

 private:
  void params() {
    found_.unique(spec_.params, "spec.params");
    for (std::size_t i = 0; i < spec_.params.size(); ++i) name(spec_.params[i].name, at("spec.params", i) + ".name");
  }

  bool too_many(const std::vector<Task>& tasks, const std::string& path, std::size_t most) {
    if (tasks.size() <= most) return false;
    found_.add(
        "TooManyTasks", path,
        "has " + std::to_string(tasks.size()) + " tasks; at most " + std::to_string(most) + " can be written there");
    return true;
  }

  void finally() {
    found_.unique(spec_.finally, "spec.finally", "DuplicateTask");
    for (std::size_t i = 0; i < spec_.finally.size(); ++i) {
      const Task& last = spec_.finally[i];
      const std::string path = at("spec.finally", i);
      if (graph_.has(last.name)) {
        found_.add("DuplicateTask", path + ".name",
                   "\"" + last.name + "\" is one of spec.tasks already; give each its own name");
      }
      if (!last.depends_on.empty()) {
        found_.add("InvalidValue", path + ".dependsOn",
                   "the tasks of finally start together when all others have ended; remove it");
      }
      task(last, path, true);
    }
  }

  // Of a parameter or result: what can stand in ${…}.
  void name(const std::string& name, const std::string& path) {
    const auto segments = parse_template("${params." + name + "}");
    const bool starts_well = !name.empty() && name.front() != '-' && !(name.front() >= '0' && name.front() <= '9');
    if (starts_well && name.size() <= 63 && segments && segments.value().size() == 1) return;
    found_.add(
        "InvalidName", path,
        "\"" + name + "\" should be at most 63 letters, digits, \"_\" and \"-\", and start with a letter or \"_\"");
  }

  void task(const Task& task, const std::string& path, bool last = false) {
    found_.dns_label(task.name, path + ".name");
    for (std::size_t i = 0; i < task.depends_on.size() && !last; ++i) dependency(task, i, at(path + ".dependsOn", i));
    last_ = last;
    before_.reset();
    found_.unique(task.results, path + ".results");
    for (std::size_t i = 0; i < task.results.size(); ++i) {
      name(task.results[i].name, at(path + ".results", i) + ".name");
    }
    found_.env(task.env, path + ".env");
    templates(task, task, path);
    conditions(task, path);
    if (task.approval) approval(task, path);
    times(task, path);
    check_pod_fields(found_, task, spec_.volumes, path);
    for (std::size_t i = 0; i < task.sidecars.size(); ++i) {
      templates(task, task.sidecars[i], at(path + ".sidecars", i));
    }
  }

  // Of the task's own container or of a sidecar.
  template <class Container>
  void templates(const Task& task, const Container& from, const std::string& path) {
    for (std::size_t i = 0; i < from.command.size(); ++i) references(task, from.command[i], at(path + ".command", i));
    for (std::size_t i = 0; i < from.args.size(); ++i) references(task, from.args[i], at(path + ".args", i));
    for (std::size_t i = 0; i < from.env.size(); ++i) {
      references(task, from.env[i].value, at(path + ".env", i) + ".value");
    }
  }

  const std::set<std::string>& before(const Task& task) {
    if (!before_) before_ = graph_.before(task.name);
    return *before_;
  }

  void conditions(const Task& task, const std::string& path) {
    if (!task.when.empty()) {
      const auto known = [&](const Task& other) { return last_ || before(task).contains(other.name); };
      condition(task.when, variables_of_when(spec_, known, last_), path + ".when");
    }
    if (!task.retry.when.empty()) condition(task.retry.when, variables_of_retry(), path + ".retry.when");
  }

  void condition(const std::string& text, const cel::Variables& variables, const std::string& path) {
    const auto compiled = compile_condition(text, variables);
    if (!compiled) {
      found_.add("InvalidExpression", path, compiled.error().message);
    } else if (compiled.value().reads().contains({"tasks"})) {
      found_.add("InvalidExpression", path, "uses all of tasks at once; name the task, as in tasks.extract.status");
    }
  }

  // Nothing of it runs, so that nothing that runs can be given.
  void approval(const Task& task, const std::string& path) {
    if (last_) {
      found_.add("InvalidValue", path + ".approval", "finally waits for nobody; put the approval among spec.tasks");
    }
    Task bare;
    bare.name = task.name;
    bare.depends_on = task.depends_on;
    bare.on_failure = task.on_failure;
    bare.when = task.when;
    bare.approval = task.approval;
    if (task != bare) {
      found_.add("InvalidValue", path,
                 "has an approval and something that a pod would need; give only name, dependsOn, when and onFailure "
                 "beside approval, and what is to run to another task");
    }
    time(task.approval->timeout, path + ".approval.timeout");
  }

  void dependency(const Task& task, std::size_t index, const std::string& path) {
    const auto need = parse_dependency(task.depends_on[index]);
    if (!need) {
      found_.add("InvalidValue", path, need.error().message);
      return;
    }
    const std::string& on = need.value().task;
    const auto same = [&on](const std::string& other) { return task_of_dependency(other) == on; };
    if (!graph_.has(on)) {
      found_.add("UnknownDependency", path, "there is no task \"" + on + "\"; the tasks are " + graph_.names());
    } else if (std::any_of(task.depends_on.begin(), task.depends_on.begin() + static_cast<std::ptrdiff_t>(index),
                           same)) {
      found_.add("DuplicateName", path, "\"" + on + "\" is there already; name each predecessor once");
    }
  }

  void references(const Task& task, const std::string& text, const std::string& path) {
    const auto segments = parse_template(text);
    if (!segments) {
      found_.add("UnknownReference", path, segments.error().message);
      return;
    }
    for (const Segment& segment : segments.value()) {
      if (segment.kind == Segment::Kind::param) param(segment.text, path);
      if (segment.kind == Segment::Kind::task_result) result(task, segment, path);
      if (segment.kind == Segment::Kind::task_status) predecessor(task, segment.text, path);
      if (segment.kind == Segment::Kind::run_status && !last_) {
        found_.add("UnknownReference", path, "${run.status} is known in spec.finally only");
      }
    }
  }

  void param(const std::string& name, const std::string& path) {
    const auto same = [&name](const Param& param) { return param.name == name; };
    if (std::any_of(spec_.params.begin(), spec_.params.end(), same)) return;
    found_.add("UnknownParameter", path, "spec.params has no \"" + name + "\"; add it there or correct the name");
  }

  // Whether `name` is a task that has ended when `task` starts.
  bool predecessor(const Task& task, const std::string& name, const std::string& path) {
    if (!graph_.has(name)) {
      found_.add("UnknownReference", path, "there is no task \"" + name + "\"; the tasks are " + graph_.names());
    } else if (!last_ && !before(task).contains(name)) {
      found_.add("UnknownReference", path,
                 "task \"" + task.name + "\" does not wait for \"" + name + "\"; add it to its dependsOn");
    } else {
      return true;
    }
    return false;
  }

  void result(const Task& task, const Segment& segment, const std::string& path) {
    const Task* from = graph_.find(segment.text);
    const auto same = [&segment](const TaskResult& result) { return result.name == segment.result; };
    if (from != nullptr && std::none_of(from->results.begin(), from->results.end(), same)) {
      found_.add("UnknownReference", path,
                 "task \"" + segment.text + "\" declares no result \"" + segment.result + "\"; add it to its results");
      return;
    }
    if (!predecessor(task, segment.text, path) || last_) return;
    for (const std::string& text : task.depends_on) {
      const auto need = parse_dependency(text);
      if (!need || need.value().task != segment.text) continue;
      if (need.value().on != Ending::failed && need.value().on != Ending::skipped) continue;
      found_.add("UnknownReference", path,
                 "task \"" + task.name + "\" runs only when \"" + segment.text +
                     "\" has no results; use them elsewhere or depend on its success");
    }
  }

  void time(const std::optional<Millis>& limit, const std::string& path) {
    if (!limit || (*limit >= std::chrono::seconds{1} && *limit <= kLongest)) return;
    found_.add("InvalidValue", path, "should be at least 1s and at most 8760h");
  }

  void times(const Task& task, const std::string& path) {
    time(task.timeout, path + ".timeout");
    time(task.pending_timeout, path + ".pendingTimeout");
    time(task.total_timeout, path + ".totalTimeout");
    const std::string backoff = path + ".retry.backoff";
    if (task.retry.backoff.initial > kLongest) {
      found_.add("InvalidValue", backoff + ".initial", "should be at most 8760h");
    }
    if (task.retry.backoff.max > kLongest) found_.add("InvalidValue", backoff + ".max", "should be at most 8760h");
  }

  void cycle() {
    const auto cycle = graph_.cycle();
    if (cycle.empty()) return;
    std::string text;
    for (const std::string& name : cycle) text += (text.empty() ? "" : " -> ") + name;
    const auto same = [&cycle](const Task& task) { return task.name == cycle.front(); };
    const auto index = std::find_if(spec_.tasks.begin(), spec_.tasks.end(), same) - spec_.tasks.begin();
    found_.add("Cycle", at("spec.tasks", static_cast<std::size_t>(index)) + ".dependsOn",
               "tasks wait for each other: " + text + "; remove one of these dependencies");
  }

  const PipelineSpec& spec_;
  GraphCheck graph_;
  bool last_ = false;                            // the task that is looked at is one of `finally`
  std::optional<std::set<std::string>> before_;  // those that it waits for, once that was asked
  Findings found_;
};

}  // namespace

Violations validate(const PipelineSpec& spec) { return PipelineCheck{spec}.run(); }

Violations validate(const std::string& name, const PipelineRunSpec& spec) {
  Findings found;
  if (name.size() > kLongestRunName) {
    found.add("InvalidName", "metadata.name", "\"" + name + "\" is too long; use at most 63 characters");
  }
  found.reference(spec.pipeline.name, "spec.pipeline.name", "the Pipeline to run");
  found.length(spec.author, kLongestUser, "spec.author");
  for (std::size_t i = 0; i < spec.skip.size(); ++i) found.dns_label(spec.skip[i], at("spec.skip", i));
  if (spec.cancel && spec.cancel->reason.size() > kLongestReason) {
    found.add("InvalidValue", "spec.cancel.reason", "is too long; use at most 256 characters");
  }
  return found.take();
}

Violations validate_params(const PipelineRunSpec& run, const PipelineSpec& pipeline) {
  Findings found;
  std::string known;
  std::set<std::string> names;
  for (const Param& param : pipeline.params) {
    names.insert(param.name);
    known += (known.empty() ? "" : ", ") + param.name;
  }
  for (const auto& [name, value] : run.params) {
    if (names.contains(name)) continue;
    found.add("UnknownParameter", "spec.params[\"" + name + "\"]",
              known.empty() ? "the Pipeline takes no parameters; remove it"
                            : "the Pipeline has no such parameter; it takes " + known);
  }
  const auto waits_for_people = [](const Task& task) { return task.approval.has_value(); };
  if (run.author.empty() && std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(), waits_for_people)) {
    found.add("AuthorMissing", "spec.author",
              "is empty, and the Pipeline has approval tasks, which the run's author may not approve; write your own "
              "user name");
  }
  for (const Param& param : pipeline.params) {
    if (param.default_value || run.params.contains(param.name)) continue;
    found.add("MissingParameter", "spec.params",
              "\"" + param.name + "\" has no default and needs a value; set spec.params." + param.name);
  }
  return found.take();
}

}  // namespace atelier::api
