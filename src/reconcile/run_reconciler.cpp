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

constexpr Millis kBehind{1'000};  // the cache's own news come sooner
constexpr const char* kConfirmRun = "confirm that the run is gone";

bool says_gone(const Result<nlohmann::json>& answer, const Uid& run) {
  if (!answer) return answer.error().code == Errc::not_found;
  return answer.value().at(nlohmann::json::json_pointer("/metadata/uid")) != run.value;
}

// The run cannot go on, and no pod of it is touched, until a person has mended it.
void stuck(kube::Plan& plan, const api::PipelineRun& run, const std::string& reason, const std::string& message,
           WallTime now) {
  api::PipelineRunStatus status = run.status;
  StatusConditions conditions{run.status.conditions, status.conditions, run.metadata.generation, now};
  if (conditions.is_news("Succeeded", meta::ConditionStatus::unknown, reason)) {
    plan.events = events_of(run, {{true, reason, message}});
  }
  conditions.set("Succeeded", meta::ConditionStatus::unknown, reason, message);
  if (auto write = write_status(run, status)) plan.writes.push_back(std::move(*write));
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
    for (const ObjectKey& at : world_.pods.keys_of(kByRun, key.to_string())) {
      const auto pod = world_.pods.get(at);
      if (pod->run_uid == run->metadata.uid && pod->deleting && pod->holds_result()) {
        plan.writes.push_back(release_pod(*pod));
      }
    }
    return plan;
  }
  auto memory = memory_.try_emplace(key, run->metadata.uid).first;
  if (memory->second.run() != run->metadata.uid) memory->second = RunMemory{run->metadata.uid};
  memory->second.learn(feedback, now);
  if (memory->second.is_behind(run->metadata.resource_version)) {
    plan.requeue_after = kBehind;
  } else if (run->status.pin) {
    proceed(plan, *run, memory->second, now);
  } else if (!is_over(run->status)) {
    start(plan, *run, now);
  }
  if (is_over(run->status)) memory_.erase(key);
  return plan;
}

// Pods that carry the run's name and another run's uid: theirs is gone, or this cache is behind.
void RunReconciler::strays(kube::Plan& plan, const ObjectKey& key, const Uid& run,
                           const kube::Feedback& feedback) const {
  bool unsure = false;
  for (const ObjectKey& at : world_.pods.keys_of(kByRun, key.to_string())) {
    const auto pod = world_.pods.get(at);
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

void RunReconciler::start(kube::Plan& plan, const api::PipelineRun& run, WallTime now) const {
  const std::string& ns = run.metadata.ns;
  const auto pipeline = world_.pipelines.get({ns, run.spec.pipeline.name});
  std::shared_ptr<const api::Workspace> workspace;
  std::shared_ptr<const api::DataDomain> domain;
  std::shared_ptr<const api::BusinessDomain> tenant;
  std::shared_ptr<const RevisionRecord> revision;
  if (pipeline != nullptr) workspace = world_.workspaces.get({ns, pipeline->spec.workspace.name});
  if (workspace != nullptr) domain = world_.domains.get(domain_key(*workspace));
  if (domain != nullptr) tenant = world_.tenants.get({"", domain->spec.business_domain.name});
  RunStartInput input{run, pipeline.get(), workspace.get(), domain.get(), tenant.get(), nullptr, now};
  if (const auto wanted = wanted_plan(input)) {
    revision = world_.revisions.get({ns, revision_name(pipeline->metadata.name, *wanted)});
    input.revision = revision.get();
  }
  const RunStartDecision decision = decide_start(input);
  plan.events = events_of(run, decision.notes);
  if (decision.mark) plan.writes.push_back(mark_started(run));
  if (decision.create_revision) plan.writes.push_back(create_revision(*decision.create_revision));
  if (decision.join_revision) plan.writes.push_back(join_revision(*revision, run));
  if (!plan.writes.empty()) return;  // status follows, so that the mark does not run into its precondition
  if (auto write = write_status(run, decision.status)) plan.writes.push_back(std::move(*write));
}

void RunReconciler::proceed(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory, WallTime now) const {
  const auto revision = world_.revisions.get({run.metadata.ns, run.status.pin->revision});
  if (revision == nullptr) {
    return stuck(plan, run, "RevisionLost",
                 "the ControllerRevision \"" + run.status.pin->revision +
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
                            .cancel = run.spec.cancel.has_value(),
                            .cancel_reason = run.spec.cancel ? run.spec.cancel->reason : "",
                            .committed = std::move(committed).value(),
                            .pods = {},
                            .rejections = memory.rejections(),
                            .gone = memory.gone(),
                            .now = now,
                            .started = run.status.start_time,
                            .last_commit = memory.last_commit()};
  for (const ObjectKey& at : world_.pods.keys_of(kByRun, run.metadata.key().to_string())) {
    const auto pod = world_.pods.get(at);
    if (pod->run_uid == run.metadata.uid) observed.pods.push_back(observe(*pod));
  }
  const engine::Decision decision = engine::decide(observed);
  RunWrites writes{world_, run, revision->plan, decision, memory, plan, now};
  for (const engine::Action& action : decision.actions) std::visit(writes, action);
  plan.requeue_after = wait_until(decision.wake_at, now);
}

}  // namespace atelier::reconcile
