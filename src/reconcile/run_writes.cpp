#include "reconcile/run_writes.h"

#include "reconcile/run_start.h"
#include "reconcile/status_conditions.h"
#include "reconcile/status_room.h"
#include "reconcile/writes.h"
#include "render/labels.h"
#include "render/task_pod.h"

namespace atelier::reconcile {

using nlohmann::json;

kube::Write mark_started(const api::PipelineRun& run) {
  const json patch = {{"metadata",
                       {{"resourceVersion", run.metadata.resource_version},
                        {"annotations", {{render::kStarted, run.metadata.uid.value}}}}}};
  const ObjectKey key = run.metadata.key();
  return {"mark the run as started", kube::merge_patch(resource_of<api::PipelineRun>(), key, patch),
          api::PipelineRun::kPlural, key};
}

kube::Write create_revision(const json& revision) {
  const ObjectKey key{revision["metadata"]["namespace"].get<std::string>(),
                      revision["metadata"]["name"].get<std::string>()};
  kube::Write write{"create revision " + key.name, kube::create(kube::kControllerRevisions, key.ns, revision),
                    "controllerrevisions", key};
  write.request.body = escaped_as_stored(write.request.body);
  return write;
}

kube::Write join_revision(const RevisionRecord& revision, const api::PipelineRun& run) {
  const json operations =
      json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", revision.uid.value}},
                   {{"op", "add"}, {"path", "/metadata/ownerReferences/-"}, {"value", run_owner_reference(run)}}});
  return {"join revision " + revision.key.name, kube::json_patch(kube::kControllerRevisions, revision.key, operations),
          "controllerrevisions", revision.key};
}

void release(kube::Plan& plan, const PodRecord& pod, const LateCreates& late) {
  if (!pod.holds_result()) return;
  const Millis wait = late.wait(pod.key());
  if (wait == Millis{0}) return plan.writes.push_back(release_pod(pod));
  plan.requeue_after = std::min(plan.requeue_after.value_or(wait), wait);
}

void RunWrites::operator()(const engine::CreatePod& action) const {
  if (memory.taken().contains(action.pod_name)) {
    return look(action.pod_name, {action.task, action.item, action.attempt});
  }
  render::TaskAttempt attempt;
  attempt.pod_name = action.pod_name;
  attempt.task = action.task;
  if (action.item != engine::kNoItem) attempt.item = action.item;
  attempt.attempt = action.attempt;
  attempt.out_of_memory = action.out_of_memory;
  attempt.image = action.image;
  attempt.command = action.command;
  attempt.args = action.args;
  attempt.env = action.env;
  attempt.timeout = action.timeout;
  attempt.sidecars = action.sidecars;
  memory.creating(action);
  plan.writes.push_back(create_pod(render::task_pod(run, *run.status.pin, run_plan, attempt, stage_image)));
}

void RunWrites::operator()(const engine::DeletePod& action) const {
  plan.writes.push_back(delete_pod(pod_key(action.name), action.uid));
}

void RunWrites::operator()(const engine::ReleasePod& action) const {
  const auto pod = world.pods.get(pod_key(action.name));
  if (pod != nullptr && pod->uid == action.uid) release(plan, *pod, late);
}

void RunWrites::operator()(const engine::ConfirmGone& action) const { look(action.name, action.attempt); }

void RunWrites::operator()(const engine::FetchResults& action) const { memory.large().fetch(plan, action, run); }
void RunWrites::operator()(const engine::StoreResults& action) const { memory.large().store(plan, action, run); }

void RunWrites::operator()(const engine::CommitStatus&) const {
  api::PipelineRunStatus status = run.status;
  status.observed_generation = run.metadata.generation;
  const engine::RunStatus of_ledger = execution.status();
  status.phase = of_ledger.phase;
  status.counts = of_ledger.counts;
  status.tasks = of_ledger.tasks;
  status.completion_time = of_ledger.completion_time;
  StatusConditions conditions{run.status.conditions, status.conditions, run.metadata.generation, now};
  const meta::Condition& succeeded = of_ledger.succeeded;
  conditions.set("Succeeded", succeeded.status, succeeded.reason, succeeded.message);
  if (const auto& refused = of_ledger.refused) {
    if (conditions.is_news(engine::kRequestRefused, refused->status, refused->reason)) {
      const auto note = events_of(run, {{true, refused->reason, refused->message}});
      plan.events.insert(plan.events.end(), note.begin(), note.end());
    }
    conditions.set(engine::kRequestRefused, refused->status, refused->reason, refused->message);
  } else {
    conditions.remove(engine::kRequestRefused);
  }
  if (is_over(status) && !is_over(run.status)) {
    const auto note = events_of(run, {{status.phase != "Succeeded", succeeded.reason, succeeded.message}});
    plan.events.insert(plan.events.end(), note.begin(), note.end());
  }
  fit_status(status, execution.ledger());
  auto write = write_status(run, status);
  if (!write) return;
  memory.execution->see_commit(now);
  plan.writes.push_back(std::move(*write));
}

void RunWrites::look(const std::string& pod, const engine::Attempt& attempt) const {
  const ObjectKey key = pod_key(pod);
  memory.looking(pod, attempt);
  plan.writes.push_back({look_id(pod), kube::get(kube::kPods, key), "pods", key});
}

}  // namespace atelier::reconcile
