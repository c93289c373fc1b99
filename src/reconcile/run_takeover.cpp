#include "reconcile/run_takeover.h"

#include <algorithm>

#include "reconcile/run_start.h"

namespace atelier::reconcile {
namespace {

std::string skipped_on_request(const engine::Ledger& ledger) {
  const auto found = std::find_if(ledger.tasks.begin(), ledger.tasks.end(),
                                  [](const auto& task) { return task.second.reason == engine::kSkippedOnRequest; });
  return found == ledger.tasks.end() ? "" : found->first;
}

bool asks_under_a_condition(const api::PipelineSpec& plan) {
  return std::any_of(plan.tasks.begin(), plan.tasks.end(),
                     [](const api::Task& task) { return task.approval && !task.when.empty(); });
}

// The checks of one run, in the words of its spec.
class Check {
 public:
  Check(const api::PipelineRun& run, const api::RunReference& named)
      : run_(run),
        named_(named),
        field_(run.spec.retry_of ? "spec.retryOf" : "spec.rerunOf"),
        who_("run \"" + named.name + "\"") {}

  std::optional<Obstacle> of(const api::PipelineRun* former, const RevisionRecord* revision) const {
    if (former == nullptr) {
      return no("there is no " + who_ + " in this namespace any more; make a run with spec.params instead");
    }
    if (former->metadata.uid != named_.uid) {
      return no(who_ + " has the uid \"" + former->metadata.uid.value + "\", not \"" + named_.uid.value +
                "\": it is a later one of that name; name it with its own uid if it is meant");
    }
    if (former->spec.pipeline != run_.spec.pipeline) {
      return no(who_ + " is one of the Pipeline \"" + former->spec.pipeline.name +
                "\"; write that into spec.pipeline.name, or name a run of this one");
    }
    return run_.spec.retry_of ? retry(*former, revision) : rerun(*former);
  }

 private:
  std::optional<Obstacle> retry(const api::PipelineRun& former, const RevisionRecord* revision) const {
    if (!is_over(former.status)) return wait(who_ + " is not over yet; this run starts when it is");
    if (former.status.phase == "Succeeded") return no(who_ + " succeeded; use spec.rerunOf to run all of it again");
    if (!former.status.pin) return no(who_ + " never started, so that it has nothing to go on from; use spec.rerunOf");
    if (revision == nullptr) {
      return no("the ControllerRevision \"" + former.status.pin->revision + "\" that holds what " + who_ +
                " executed is gone; restore it, or use spec.rerunOf");
    }
    if (const auto ledger = engine::decode(former.status.state); !ledger) {
      return no("status.state of " + who_ + ": " + ledger.error().message + "; use spec.rerunOf");
    } else if (const std::string skipped = skipped_on_request(ledger.value());
               !skipped.empty() && asks_under_a_condition(revision->plan.pipeline)) {
      return no("task \"" + skipped + "\" of " + who_ +
                " was skipped on request, on which it may depend whether people are asked; use spec.rerunOf");
    }
    return std::nullopt;
  }

  std::optional<Obstacle> rerun(const api::PipelineRun& former) const {
    const api::RunReference* const before = former_of(former.spec);
    if (before == nullptr || former.status.pin) return std::nullopt;
    if (!is_over(former.status))
      return wait(who_ + " has not read its own parameters yet; this run starts when it has");
    return no(who_ + " never started, and its parameters are those of run \"" + before->name + "\"; name that one");
  }

  std::optional<Obstacle> no(const std::string& why) const {
    return Obstacle{{run_.spec.retry_of ? "RetryNotPossible" : "RerunNotPossible", field_ + ": " + why}, false};
  }
  std::optional<Obstacle> wait(const std::string& why) const {
    return Obstacle{{run_.spec.retry_of ? "RetryWaits" : "RerunWaits", field_ + ": " + why}, true};
  }

  const api::PipelineRun& run_;
  const api::RunReference& named_;
  std::string field_;
  std::string who_;
};

bool has_succeeded(const engine::Entry& entry) { return entry.state == engine::TaskState::succeeded; }

// Of no attempt: this run has no pod of it.
void take_over(const engine::Entry& from, engine::Entry& to) {
  if (!has_succeeded(from)) return;
  to.state = engine::TaskState::succeeded;
  to.reason = "TakenOver";
  to.results = from.results;
  to.stored = from.stored;
}

}  // namespace

const api::RunReference* former_of(const api::PipelineRunSpec& spec) {
  if (spec.retry_of) return &*spec.retry_of;
  return spec.rerun_of ? &*spec.rerun_of : nullptr;
}

std::optional<Obstacle> takeover_obstacle(const api::PipelineRun& run, const api::PipelineRun* former,
                                          const RevisionRecord* revision) {
  const api::RunReference* const named = former_of(run.spec);
  return named == nullptr ? std::nullopt : Check{run, *named}.of(former, revision);
}

const std::map<std::string, std::string>& given_params(const api::PipelineRun& run) {
  const auto& pin = run.status.pin;
  return pin && !pin->params.empty() ? pin->params : run.spec.params;
}

std::map<std::string, std::string> taken_over_params(const api::PipelineRun& run, const api::PipelineRun& former) {
  std::map<std::string, std::string> out = run.spec.params;
  out.insert(given_params(former).begin(), given_params(former).end());  // what is there stays
  return out;
}

engine::Ledger taken_over(const engine::Ledger& former, const api::PipelineSpec& plan) {
  engine::Ledger out;
  for (const api::Task& task : plan.tasks) {
    const auto known = former.tasks.find(task.name);
    if (task.approval || known == former.tasks.end()) continue;
    const engine::TaskEntry& from = known->second;
    const bool part_of_it = std::any_of(from.items.begin(), from.items.end(), has_succeeded);
    if (!has_succeeded(from) && !part_of_it) continue;
    engine::TaskEntry& entry = out.tasks[task.name];
    take_over(from, entry);
    if (has_succeeded(from)) entry.finished = from.finished;
    if (!has_succeeded(from)) entry.state = engine::TaskState::running;  // the other items follow
    entry.items.resize(from.items.size());
    for (std::size_t i = 0; i < from.items.size(); ++i) take_over(from.items[i], entry.items[i]);
  }
  if (!out.tasks.empty()) out.phase = engine::RunPhase::running;
  return out;
}

api::TaskCounts counts_at_start(const api::PipelineSpec& plan, const engine::Ledger& taken) {
  api::TaskCounts counts;
  counts.total = std::ssize(plan.tasks) + std::ssize(plan.finally);
  for (const auto& [name, entry] : taken.tasks) {
    const std::vector<engine::Entry>& items = entry.items;
    if (!items.empty()) counts.total += std::ssize(items) - 1;
    counts.succeeded += items.empty() ? 1 : std::count_if(items.begin(), items.end(), has_succeeded);
  }
  counts.waiting = counts.total - counts.succeeded;
  return counts;
}

std::string workspace_of(const api::PipelineRun& run, const api::PipelineRun* former, const api::Pipeline* pipeline) {
  if (!run.spec.retry_of) return pipeline == nullptr ? "" : pipeline->spec.workspace.name;
  return former == nullptr || !former->status.pin ? "" : former->status.pin->workspace;
}

}  // namespace atelier::reconcile
