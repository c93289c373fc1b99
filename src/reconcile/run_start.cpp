#include "reconcile/run_start.h"

#include <algorithm>

#include "atelier/api/validate.h"
#include "reconcile/grants.h"
#include "reconcile/pipeline_policy.h"
#include "reconcile/places.h"
#include "reconcile/run_takeover.h"
#include "reconcile/status_conditions.h"
#include "reconcile/status_room.h"
#include "render/labels.h"
#include "render/variables.h"

namespace atelier::reconcile {
namespace {

using meta::ConditionStatus;

class Starter {
 public:
  explicit Starter(const RunStartInput& input)
      : in_(input),
        run_(input.run),
        conditions_(run_.status.conditions, out_.status.conditions, run_.metadata.generation, input.now) {
    out_.status = run_.status;
  }

  RunStartDecision decide() {
    out_.status.observed_generation = run_.metadata.generation;
    if (is_nameable() && not_restored() && not_cancelled() && has_former() && has_pipeline() && runnable() &&
        params_fit() && has_place()) {
      begin();
    }
    return std::move(out_);
  }

 private:
  bool is_nameable() {
    if (run_.metadata.name.size() <= api::kLongestRunName) return true;
    end("Failed", "InvalidName",
        "metadata.name: is longer than 63 characters, which the labels of its pods cannot hold; make a run with a "
        "shorter name");
    return false;
  }

  bool not_restored() {
    const std::string mark = start_mark(run_);
    if (mark.empty() || mark == run_.metadata.uid.value) return true;
    end("Failed", "Restored",
        "this run was started before under another uid and came back from a backup without its status; it is not "
        "run again. Make a new PipelineRun to run the pipeline once more");
    return false;
  }

  bool not_cancelled() {
    if (!run_.spec.cancel) return true;
    end("Cancelled", "Cancelled",
        "cancelled before it started" + (run_.spec.cancel->reason.empty() ? "" : ": " + run_.spec.cancel->reason));
    return false;
  }

  bool has_former() {
    const auto found = takeover_obstacle(run_, in_.former, in_.revision);
    if (!found) return true;
    if (found->waits) {
      wait(found->refusal.reason, found->refusal.message);
    } else {
      end("Failed", found->refusal.reason, found->refusal.message);
    }
    return false;
  }

  bool has_pipeline() {
    if (in_.pipeline != nullptr || retries()) return true;
    wait("PipelineNotFound", "spec.pipeline.name: there is no Pipeline \"" + run_.spec.pipeline.name +
                                 "\" in this namespace; create it, or make a run of another");
    return false;
  }

  bool runnable() {
    const auto found = obstacle(pipeline(), in_.workspace, in_.domain, in_.tenant, in_.watches);
    if (!found) return true;
    if (found->waits) {
      wait(found->refusal.reason, found->refusal.message);
    } else {
      end("Failed", found->refusal.reason, "the Pipeline is not valid: " + found->refusal.message);
    }
    return false;
  }

  bool params_fit() {
    api::PipelineRunSpec spec = run_.spec;
    if (in_.former != nullptr) spec.params = taken_over_params(run_, *in_.former);
    const api::Violations violations = api::validate_params(spec, pipeline());
    if (violations.empty()) return true;
    std::string message = violations.front().to_string();
    if (in_.former != nullptr) message += " (with the parameters of run \"" + in_.former->metadata.name + "\")";
    end("Failed", violations.front().reason, message);
    return false;
  }

  bool has_place() {
    const auto& places = in_.workspace->status.places;
    const auto own = [this](const api::RunReference& place) { return place.uid == run_.metadata.uid; };
    if (std::any_of(places.begin(), places.end(), own)) return true;
    const render::EffectiveResources resources = *resources_of(*in_.workspace, in_.domain, in_.tenant);
    wait(kWaitsForPlace, to_text({in_.workspace->metadata.name, resources.profile, resources.max_parallel_pipelines,
                                  places, in_.delays, in_.ahead}));
    out_.waits_for_place = true;
    return false;
  }

  // REQUIRES that there is no obstacle.
  void begin() {
    const auto plan = retries() ? std::optional{in_.revision->plan} : wanted_plan(in_);
    const bool marked = !start_mark(run_).empty();
    const std::string name =
        retries() ? in_.former->status.pin->revision : revision_name(in_.pipeline->metadata.name, *plan);
    const bool joined = in_.revision != nullptr && std::find(in_.revision->owners.begin(), in_.revision->owners.end(),
                                                             run_.metadata.uid) != in_.revision->owners.end();
    if (!in_.refused.empty() && conditions_.is_news("Succeeded", ConditionStatus::unknown, "StartRefused")) {
      wait("StartRefused", in_.refused + "; the start is tried again");
      return;
    }
    out_.mark = !marked;
    if (in_.revision == nullptr) {
      out_.create_revision = revision(name, *plan, *in_.pipeline, run_);
    } else if (!joined) {
      out_.join_revision = true;
    }
    const engine::Ledger ledger = retries() ? taken_over(former_ledger(), plan->pipeline) : engine::Ledger{};
    if (!has_results(ledger) || !marked || !joined) return;
    api::RunPin pin;
    pin.revision = name;
    pin.workspace = in_.workspace->metadata.name;
    pin.image = in_.workspace->status.release->image_digest;
    pin.release = in_.workspace->status.release->id;
    if (in_.former != nullptr) pin.params = taken_over_params(run_, *in_.former);
    out_.status.pin = std::move(pin);
    out_.status.phase = "Running";
    out_.status.start_time = in_.now;
    out_.status.counts = counts_at_start(plan->pipeline, ledger);
    conditions_.set("Succeeded", ConditionStatus::unknown, "Running", "the run has started");
    if (retries()) fit_status(out_.status, ledger);
  }

  // Whether all stored results that the ledger refers to are there, and are the run's as well.
  bool has_results(const engine::Ledger& ledger) {
    std::map<std::string, std::string> stored;  // and a task of theirs
    for (const auto& [name, task] : ledger.tasks) {
      stored.emplace(task.stored, name);
      for (const engine::Entry& item : task.items) stored.emplace(item.stored, name);
    }
    stored.erase("");
    for (const auto& [sha256, name] : stored) {
      if (in_.joined_results.contains(sha256)) continue;
      if (in_.lost_results.contains(sha256)) {
        end("Failed", "ResultsLost",
            "the stored results of task \"" + name + "\" of run \"" + in_.former->metadata.name +
                "\" are gone; use spec.rerunOf to run all of it again");
        out_.create_revision.reset();
        out_.join_revision = out_.mark = false;
        out_.join_results.clear();
        return false;
      }
      out_.join_results.insert(sha256);
    }
    return out_.join_results.empty();
  }

  bool retries() const { return run_.spec.retry_of.has_value(); }
  engine::Ledger former_ledger() const { return engine::decode(in_.former->status.state).value(); }
  // What is to be executed.
  const api::PipelineSpec& pipeline() const { return retries() ? in_.revision->plan.pipeline : in_.pipeline->spec; }

  // The run starts by itself once this is mended.
  void wait(const std::string& reason, const std::string& message) {
    const bool usual = reason == "WorkspaceNotPublished" || reason == "RetryWaits" || reason == "RerunWaits" ||
                       reason == kWaitsForPlace;
    if (!usual && conditions_.is_news("Succeeded", ConditionStatus::unknown, reason)) {
      out_.notes.push_back({true, reason, message});
    }
    out_.status.phase = "Pending";
    conditions_.set("Succeeded", ConditionStatus::unknown, reason, message);
  }

  void end(const std::string& phase, const std::string& reason, const std::string& message) {
    out_.notes.push_back({true, reason, message});
    out_.status.phase = phase;
    out_.status.completion_time = in_.now;
    conditions_.set("Succeeded", ConditionStatus::false_, reason, message);
  }

  const RunStartInput& in_;
  const api::PipelineRun& run_;
  RunStartDecision out_;
  StatusConditions conditions_;
};

}  // namespace

std::string start_mark(const api::PipelineRun& run) {
  const auto at = run.metadata.annotations.find(render::kStarted);
  return at == run.metadata.annotations.end() ? "" : at->second;
}

bool is_over(const api::PipelineRunStatus& status) {
  return status.phase == "Succeeded" || status.phase == "Failed" || status.phase == "Cancelled";
}

std::optional<api::RunPlan> wanted_plan(const RunStartInput& input) {
  if (input.pipeline == nullptr) return std::nullopt;
  if (obstacle(input.pipeline->spec, input.workspace, input.domain, input.tenant, input.watches)) return std::nullopt;
  const api::WorkspaceSpec& workspace = input.workspace->spec;
  const auto resources = resources_of(*input.workspace, input.domain, input.tenant);
  const render::Variables variables{input.domain == nullptr ? "" : input.domain->spec.key,
                                    input.workspace->metadata.name, input.workspace->metadata.ns};
  api::RunPlan plan;
  plan.pipeline = input.pipeline->spec;
  plan.env = render::expand(workspace.env, variables);
  plan.profile = resources->profile;
  plan.memory_mb = resources->memory_mb;
  plan.duckdb_memory_mb = resources->duckdb_memory_mb;
  plan.chunk_size_rows = resources->chunk_size_rows;
  plan.run_as_user = workspace.run_as_user;
  plan.pull_policy = workspace.image.pull_policy;
  plan.pull_secrets = workspace.image.pull_secrets;
  return plan;
}

std::string wanted_revision(const RunStartInput& input) {
  if (input.run.spec.retry_of) {
    return input.former == nullptr || !input.former->status.pin ? "" : input.former->status.pin->revision;
  }
  const auto plan = wanted_plan(input);
  return plan ? revision_name(input.pipeline->metadata.name, *plan) : "";
}

RunStartDecision decide_start(const RunStartInput& input) { return Starter{input}.decide(); }

}  // namespace atelier::reconcile
