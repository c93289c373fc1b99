#include <algorithm>
#include <set>

#include "api/params_check.h"
#include "api/pipeline_table.h"
#include "api/pod_check.h"
#include "api/text_check.h"
#include "api/writer.h"
#include "atelier/api/dependency.h"
#include "atelier/api/expression_scope.h"

namespace atelier::api {
namespace {

constexpr std::size_t kLongestReason = 256;        // of a cancel
constexpr std::size_t kLargestSpec = 200U << 10U;  // bytes of JSON
constexpr std::size_t kMostTasks = 500;
constexpr std::size_t kMostFinally = 20;
constexpr std::chrono::hours kLongest{8760};  // a year; of a timeout or a delay

// Of retryOf or rerunOf.
void check_former(Findings& found, const std::optional<RunReference>& former, const std::string& path) {
  if (!former) return;
  found.reference(former->name, path + ".name", "an earlier run of this Pipeline");
  found.length(former->name, kLongestRunName, path + ".name");
  if (former->uid.empty()) {
    found.add("InvalidValue", path + ".uid", "is empty; write the metadata.uid of that run");
  } else {
    found.length(former->uid.value, RunReference::kLongestUid, path + ".uid");
  }
}

bool too_many(Findings& found, const std::vector<Task>& tasks, const std::string& path, std::size_t most) {
  if (tasks.size() <= most) return false;
  found.add(
      "TooManyTasks", path,
      "has " + std::to_string(tasks.size()) + " tasks; at most " + std::to_string(most) + " can be written there");
  return true;
}

// kubectl keeps a copy of the object in an annotation, of at most 256 KiB with all others.
void check_size(Findings& found, const PipelineSpec& spec) {
  const std::size_t size = write(spec).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).size();
  if (size <= kLargestSpec) return;
  found.add("SpecTooLarge", "spec",
            "has " + std::to_string(size >> 10U) + " KiB as JSON, should have at most " +
                std::to_string(kLargestSpec >> 10U) +
                "; keep scripts in the image, and use forEach for tasks that are alike");
}

// The checks of one Pipeline that need to see all of it. REQUIRES that its tasks are not too many.
class PipelineCheck {
 public:
  explicit PipelineCheck(const PipelineSpec& spec)
      : spec_(spec), graph_(spec), of_tasks_(variables_of(spec, false)), of_finally_(variables_of(spec, true)) {}

  Violations run() {
    found_.reference(spec_.workspace.name, "spec.workspace.name", "the Workspace whose image the tasks run");
    check_params(found_, spec_.params, "spec.params");
    if (spec_.tasks.empty()) found_.add("InvalidValue", "spec.tasks", "is empty; a pipeline needs a task");
    found_.unique(spec_.tasks, "spec.tasks", "DuplicateTask");
    for (std::size_t i = 0; i < spec_.tasks.size(); ++i) task(spec_.tasks[i], at("spec.tasks", i));
    finally();
    check_volumes(found_, spec_.volumes, "spec.volumes");
    cycle();
    time(spec_.timeout, "spec.timeout");
    time(spec_.finally_timeout, "spec.finallyTimeout");
    if (spec_.history.max_age) age(*spec_.history.max_age, "spec.history.maxAge");
    age(spec_.history.pod_age, "spec.history.podAge");
    return found_.take();
  }

 private:
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

  void task(const Task& task, const std::string& path, bool last = false) {
    found_.dns_label(task.name, path + ".name");
    std::set<std::string> known;
    for (std::size_t i = 0; i < task.depends_on.size() && !last; ++i) {
      dependency(task.depends_on[i], known, at(path + ".dependsOn", i));
    }
    found_.unique(task.results, path + ".results");
    for (std::size_t i = 0; i < task.results.size(); ++i) {
      check_reference_name(found_, task.results[i].name, at(path + ".results", i) + ".name");
    }
    if (task.large_results) large_results(task, path + ".largeResults");
    found_.env(task.env, path + ".env");
    TextCheck texts(found_, spec_, graph_, task, last, last ? of_finally_ : of_tasks_);
    texts.container(task, path);
    texts.conditions(path);
    if (task.approval) approval(task, path, last);
    times(task, path);
    memory(task, path);
    check_pod_fields(found_, task, spec_.volumes, path);
    for (std::size_t i = 0; i < task.sidecars.size(); ++i) {
      texts.container(task.sidecars[i], at(path + ".sidecars", i));
    }
  }

  void large_results(const Task& task, const std::string& path) {
    if (task.results.empty()) {
      found_.add("InvalidValue", path, "is given for a task without results; add results, or remove it");
    }
    if (task.for_each) {
      found_.add("InvalidValue", path,
                 "cannot be given beside forEach, as the results of all items would be too large together; let each "
                 "item write to storage and hand on where");
    }
  }

  // Nothing of it runs, so that nothing that runs can be given.
  void approval(const Task& task, const std::string& path, bool last) {
    if (last) {
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

  // `known` are those before it in the list.
  void dependency(const std::string& text, std::set<std::string>& known, const std::string& path) {
    const auto need = parse_dependency(text);
    if (!need) {
      found_.add("InvalidValue", path, need.error().message);
      return;
    }
    const std::string& on = need.value().task;
    if (!graph_.has(on)) {
      found_.add("UnknownDependency", path, "there is no task \"" + on + "\"; the tasks are " + graph_.names());
    } else if (!known.insert(on).second) {
      found_.add("DuplicateName", path, "\"" + on + "\" is there already; name each predecessor once");
    }
  }

  void time(const std::optional<Millis>& limit, const std::string& path) {
    if (!limit || (*limit >= std::chrono::seconds{1} && *limit <= kLongest)) return;
    found_.add("InvalidValue", path, "should be at least 1s and at most 8760h");
  }

  void age(Millis age, const std::string& path) {
    if (age >= History::kShortestAge && age <= kLongest) return;
    found_.add("InvalidValue", path, "should be at least 90s and at most 8760h");
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

  void memory(const Task& task, const std::string& path) {
    if (task.retry.memory_factor == 1 || task.resources.limits.memory) return;
    found_.add("InvalidValue", path + ".retry.memoryFactor",
               "means something only where resources.limits.memory is below the workspace's memory; give that limit, "
               "or remove memoryFactor");
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
  cel::Variables of_tasks_, of_finally_;
  Findings found_;
};

}  // namespace

Violations validate(const PipelineSpec& spec) {
  Findings found;
  if (too_many(found, spec.tasks, "spec.tasks", kMostTasks) ||
      too_many(found, spec.finally, "spec.finally", kMostFinally)) {
    return found.take();
  }
  check_size(found, spec);
  Violations violations = PipelineCheck{spec}.run();
  Violations sizes = found.take();
  violations.insert(violations.end(), sizes.begin(), sizes.end());
  return violations;
}

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
  check_former(found, spec.retry_of, "spec.retryOf");
  check_former(found, spec.rerun_of, "spec.rerunOf");
  if (spec.retry_of && spec.rerun_of) {
    found.add("InvalidValue", "spec.rerunOf",
              "is there beside spec.retryOf; keep retryOf to go on where that run failed, or rerunOf to run all again");
  } else if (spec.retry_of && !spec.params.empty()) {
    found.add("InvalidValue", "spec.params",
              "should be empty: a retry takes the parameters of the run it retries; use rerunOf to change them");
  }
  return found.take();
}

}  // namespace atelier::api
