#include "reconcile/run_reconciler.h"

#include <algorithm>

#include "reconcile/admission.h"
#include "reconcile/run_observation.h"
#include "reconcile/run_start.h"
#include "reconcile/run_writes.h"
#include "reconcile/status_conditions.h"
#include "reconcile/writes.h"

namespace atelier::reconcile {
namespace {

constexpr Millis kBehind{1'000};   // the cache's own news come sooner
constexpr Millis kMended{30'000};  // how soon it is seen that a person has mended what only a person can
constexpr const char* kConfirmRun = "confirm that the run is gone";

bool says_gone(const Result<nlohmann::json>& answer, const Uid& run) {
  if (!answer) return answer.error().code == Errc::not_found;
  const std::string uid = answer.value().value(nlohmann::json::json_pointer("/metadata/uid"), "");
  return !uid.empty() && uid != run.value;
}

std::string version_of(const auto& cached) { return cached == nullptr ? "" : cached->metadata.resource_version; }

// What the API server refused of the writes that start a run; empty if it did not. A precondition that failed is none.
std::string refusal(const kube::Feedback& feedback) {
  for (const auto& [id, answer] : feedback.results) {
    if (answer || (!id.starts_with("mark ") && !id.starts_with("create revision ") && !id.starts_with("join ")))
      continue;
    const bool invalid = answer.error().code == Errc::invalid && !id.starts_with("join ");
    if (invalid || answer.error().code == Errc::forbidden) return "cannot " + id + ": " + answer.error().message;
  }
  return "";
}

}  // namespace

kube::Plan RunReconciler::reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) {
  kube::Plan plan;
  const auto run = world_.runs.get(key);
  strays(plan, key, run == nullptr ? Uid{} : run->metadata.uid, feedback);
  if (run == nullptr) {
    memory_.erase(key);
    return plan;
  }
  if (run->metadata.deleting()) {
    // Nobody will read the results any more; the garbage collector deletes the pods.
    for (const auto& pod : pods_of(*run)) {
      if (pod->deleting && pod->holds_result()) plan.writes.push_back(release_pod(*pod));
    }
    return plan;
  }
  if (is_over(run->status)) {
    clear(plan, *run);
    memory_.erase(key);
    return plan;
  }
  auto memory = memory_.try_emplace(key, run->metadata.uid).first;
  if (memory->second.run() != run->metadata.uid) memory->second = RunMemory{run->metadata.uid};
  memory->second.learn(feedback, now);
  if (memory->second.is_behind(run->metadata.resource_version)) {
    plan.requeue_after = kBehind;
  } else if (run->status.pin) {
    proceed(plan, *run, memory->second, now);
  } else {
    start(plan, *run, memory->second, feedback, now);
  }
  return plan;
}

RunReconciler::Pods RunReconciler::pods_of(const api::PipelineRun& run) const {
  Pods pods;
  for (auto& pod : world_.pods.objects_of(kByRun, run.metadata.key().to_string())) {
    if (pod->run_uid == run.metadata.uid) pods.push_back(std::move(pod));
  }
  return pods;
}

// Ends the pods of a run that nobody decides about any more, and lets go of them.
void RunReconciler::clear(kube::Plan& plan, const api::PipelineRun& run) const {
  for (const auto& pod : pods_of(run)) {
    if (!pod->terminal() && !pod->deleting) plan.writes.push_back(delete_pod(pod->key(), pod->uid));
    if (pod->holds_result()) plan.writes.push_back(release_pod(*pod));
  }
}

// Pods that carry the run's name and another run's uid: theirs is gone, or this cache is behind.
void RunReconciler::strays(kube::Plan& plan, const ObjectKey& key, const Uid& run,
                           const kube::Feedback& feedback) const {
  bool unsure = false;
  for (const auto& pod : world_.pods.objects_of(kByRun, key.to_string())) {
    if (pod->run_uid == run || (pod->deleting && !pod->holds_result())) continue;
    const auto* answer = feedback.find(kConfirmRun);
    if (answer == nullptr || !says_gone(*answer, pod->run_uid)) {
      unsure = true;
      continue;
    }
    if (pod->holds_result()) plan.writes.push_back(release_pod(*pod));
    if (!pod->deleting) plan.writes.push_back(delete_pod(pod->key(), pod->uid));
  }
  if (unsure) {
    plan.writes.push_back(
        {kConfirmRun, kube::get(resource_of<api::PipelineRun>(), key), api::PipelineRun::kPlural, key});
  }
}

void RunReconciler::start(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory,
                          const kube::Feedback& feedback, WallTime now) const {
  const std::string& ns = run.metadata.ns;
  const auto pipeline = world_.pipelines.get({ns, run.spec.pipeline.name});
  std::shared_ptr<const api::Workspace> workspace;
  std::shared_ptr<const api::DataDomain> domain;
  std::shared_ptr<const api::BusinessDomain> tenant;
  std::shared_ptr<const RevisionRecord> revision;
  // Who applies a Pipeline and then makes a run of it means the new one, which this cache may not have yet.
  bool fresh =
      memory.reads().fresh(plan, resource_of<api::Pipeline>(), {ns, run.spec.pipeline.name}, version_of(pipeline));
  if (pipeline != nullptr) {
    const ObjectKey key{ns, pipeline->spec.workspace.name};
    workspace = world_.workspaces.get(key);
    if (!memory.reads().fresh(plan, resource_of<api::Workspace>(), key, version_of(workspace))) fresh = false;
  }
  if (workspace != nullptr) domain = world_.domains.get(domain_key(*workspace));
  if (domain != nullptr) tenant = world_.tenants.get({"", domain->spec.business_domain.name});
  RunStartInput input{run,          pipeline.get(), workspace.get(),   domain.get(),
                      tenant.get(), nullptr,        refusal(feedback), now};
  if (const auto wanted = wanted_plan(input)) {
    revision = world_.revisions.get({ns, revision_name(pipeline->metadata.name, *wanted)});
    input.revision = revision.get();
  }
  const RunStartDecision decision = decide_start(input);
  if (decision.mark) plan.writes.push_back(mark_started(run));
  if (decision.create_revision) plan.writes.push_back(create_revision(*decision.create_revision));
  if (decision.join_revision) plan.writes.push_back(join_revision(*revision, run));
  if (!fresh) return;
  plan.events = events_of(run, decision.notes);
  if (!plan.writes.empty()) return;  // status follows, so that the mark does not run into its precondition
  if (auto write = write_status(run, decision.status)) plan.writes.push_back(std::move(*write));
}

// The run cannot go on, and no pod of it is touched, until a person has mended or cancelled it.
void RunReconciler::stuck(kube::Plan& plan, const api::PipelineRun& run, const std::string& reason,
                          const std::string& message, WallTime now) const {
  api::PipelineRunStatus status = run.status;
  StatusConditions conditions{run.status.conditions, status.conditions, run.metadata.generation, now};
  if (run.spec.cancel) {
    clear(plan, run);
    const Pods pods = pods_of(run);
    if (std::any_of(pods.begin(), pods.end(), [](const auto& pod) { return !pod->terminal(); })) return;
    status.phase = "Cancelled";
    status.completion_time = now;
    conditions.set("Succeeded", meta::ConditionStatus::false_, "Cancelled",
                   "cancelled while it could not go on: " + message);
  } else {
    plan.requeue_after = kMended;
    if (conditions.is_news("Succeeded", meta::ConditionStatus::unknown, reason)) {
      plan.events = events_of(run, {{true, reason, message}});
    }
    conditions.set("Succeeded", meta::ConditionStatus::unknown, reason, message);
  }
  if (auto write = write_status(run, status)) plan.writes.push_back(std::move(*write));
}

void RunReconciler::proceed(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory, WallTime now) const {
  // Another process may have written the run before this one led: a task that has ended there and whose pod is gone
  // would be started again from a cache that does not show it.
  if (!memory.has_committed() &&
      !memory.reads().fresh(plan, resource_of<api::PipelineRun>(), run.metadata.key(), run.metadata.resource_version)) {
    return;
  }
  const ObjectKey revision_key{run.metadata.ns, run.status.pin->revision};
  const auto revision = world_.revisions.get(revision_key);
  if (revision == nullptr) {
    if (!memory.reads().fresh(plan, kube::kControllerRevisions, revision_key, "")) return;
    return stuck(plan, run, "RevisionLost",
                 "the ControllerRevision \"" + revision_key.name +
                     "\" that holds what this run executes is gone; restore it, or delete this run and make a new one",
                 now);
  }
  auto committed = engine::decode(run.status.state);
  if (!committed) {
    return stuck(plan, run, "StateUnreadable",
                 "status.state: " + committed.error().message + "; delete this run and make a new one", now);
  }
  engine::Observed observed{.run = run.metadata.key(),
                            .run_uid = run.metadata.uid,
                            .plan = revision->plan,
                            .params = effective_params(run.spec, revision->plan.pipeline),
                            .spec = run.spec,
                            .committed = std::move(committed).value(),
                            .pods = {},
                            .rejections = memory.rejections(),
                            .gone = memory.gone(),
                            .approvals = {},
                            .guard = {},
                            .created = {},
                            .now = now,
                            .started = run.status.start_time,
                            .last_commit = memory.last_commit()};
  for (const auto& pod : pods_of(run)) observed.pods.push_back(observe(*pod));
  const auto& tasks = revision->plan.pipeline.tasks;
  if (std::any_of(tasks.begin(), tasks.end(), [](const api::Task& task) { return task.approval.has_value(); })) {
    observed.approvals = world_.approvals_of(run.metadata.key());
    observed.guard = world_.approval_guard();
    observed.created = run.metadata.creation_timestamp.value_or(WallTime{});
  }
  const engine::Decision decision = engine::decide(observed);
  RunWrites writes{world_, run, revision->plan, decision, memory, plan, now};
  for (const engine::Action& action : decision.actions) std::visit(writes, action);
  plan.requeue_after = wait_until(decision.wake_at, now);
}

}  // namespace atelier::reconcile
