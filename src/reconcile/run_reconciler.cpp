#include "reconcile/run_reconciler.h"

#include <algorithm>

#include "reconcile/admission.h"
#include "reconcile/late_requests.h"
#include "reconcile/place_seekers.h"
#include "reconcile/quota_holders.h"
#include "reconcile/run_observation.h"
#include "reconcile/run_start.h"
#include "reconcile/run_takeover.h"
#include "reconcile/run_writes.h"
#include "reconcile/status_conditions.h"
#include "reconcile/stored_results.h"
#include "reconcile/tenant_holder.h"
#include "reconcile/writes.h"

namespace atelier::reconcile {
namespace {

constexpr Millis kBehind{1'000};   // the cache's own news come sooner, and so do answers
constexpr Millis kMended{30'000};  // how soon it is seen that a person has mended what only a person can
constexpr Millis kInLine{5'000};
constexpr const char* kConfirmRun = "confirm that the run is gone";

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

RunReconciler::RunReconciler(World& world, LateCreates& late, std::string stage_image)
    : world_(world), late_(late), stage_image_(std::move(stage_image)) {
  world.pods.on_change([this](const kube::Change<PodRecord>& change) { pod_changed(change); });
}

void RunReconciler::pod_changed(const kube::Change<PodRecord>& change) {
  const auto note = [&](const PodRecord& pod) {
    const auto memory = memory_.find({pod.ns, pod.run});
    if (memory == memory_.end()) return;
    if (pod.run_uid != memory->second.run()) memory->second.may_have_strays = true;
    if (memory->second.execution != nullptr) memory->second.changes.push_back(change);
  };
  if (change.before) note(*change.before);
  if (change.now && (!change.before || !(change.before->run == change.now->run))) note(*change.now);
}

kube::Plan RunReconciler::reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) {
  kube::Plan plan;
  late_.learn(key.ns, feedback);
  const auto run = world_.runs.get(key);
  const auto known = memory_.find(key);
  const bool same_run = run != nullptr && known != memory_.end() && known->second.run() == run->metadata.uid;
  if (!same_run || known->second.may_have_strays || feedback.find(kConfirmRun) != nullptr) {
    const bool found = strays(plan, key, run == nullptr ? Uid{} : run->metadata.uid, feedback);
    if (known != memory_.end()) known->second.may_have_strays = found;
  }
  if (run == nullptr) {
    memory_.erase(key);
    return plan;
  }
  if (run->metadata.deleting()) {
    // Nobody will read the results any more; the garbage collector deletes the pods.
    for (const auto& pod : pods_of(*run)) {
      if (pod->deleting) release(plan, *pod, late_);
    }
    return plan;
  }
  if (is_over(run->status)) {
    clear(plan, *run);
    memory_.erase(key);
    if (const auto late = answer_late_requests(*run, now)) {
      plan.events = events_of(*run, late->notes);
      if (auto write = write_status(*run, late->status)) plan.writes.push_back(std::move(*write));
    }
    return plan;
  }
  auto memory = memory_.try_emplace(key, run->metadata.uid).first;
  if (memory->second.run() != run->metadata.uid) memory->second = RunMemory{run->metadata.uid};
  const RunMemory::News news = memory->second.learn(feedback, now);
  if (memory->second.is_behind(run->metadata.resource_version)) {
    plan.requeue_after = kBehind;
  } else if (run->status.pin) {
    proceed(plan, *run, memory->second, news, now);
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
    release(plan, *pod, late_);
  }
}

// Pods that carry the run's name and another run's uid: theirs is gone, or this cache is behind. True if there are any.
bool RunReconciler::strays(kube::Plan& plan, const ObjectKey& key, const Uid& run,
                           const kube::Feedback& feedback) const {
  bool unsure = false;
  bool any = false;
  for (const auto& pod : world_.pods.objects_of(kByRun, key.to_string())) {
    if (pod->run_uid == run || (pod->deleting && !pod->holds_result())) continue;
    any = true;
    const auto* answer = feedback.find(kConfirmRun);
    if (answer == nullptr || !says_gone(*answer, pod->run_uid)) {
      unsure = true;
      continue;
    }
    release(plan, *pod, late_);
    if (!pod->deleting) plan.writes.push_back(delete_pod(pod->key(), pod->uid));
  }
  if (unsure) {
    plan.writes.push_back(
        {kConfirmRun, kube::get(resource_of<api::PipelineRun>(), key), api::PipelineRun::kPlural, key});
  }
  return any;
}

void RunReconciler::start(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory,
                          const kube::Feedback& feedback, WallTime now) const {
  const std::string& ns = run.metadata.ns;
  const auto pipeline = world_.pipelines.get({ns, run.spec.pipeline.name});
  std::shared_ptr<const api::Workspace> workspace;
  std::shared_ptr<const api::DataDomain> domain;
  std::shared_ptr<const api::BusinessDomain> tenant;
  std::shared_ptr<const RevisionRecord> revision;
  std::shared_ptr<const api::PipelineRun> former;
  if (const auto* named = former_of(run.spec)) former = world_.runs.get({ns, named->name});
  // Who applies a Pipeline and then makes a run of it means the new one, which this cache may not have yet.
  bool fresh =
      memory.reads().fresh(plan, resource_of<api::Pipeline>(), {ns, run.spec.pipeline.name}, version_of(pipeline));
  if (const std::string name = workspace_of(run, former.get(), pipeline.get()); !name.empty()) {
    const ObjectKey key{ns, name};
    workspace = world_.workspaces.get(key);
    if (!memory.reads().fresh(plan, resource_of<api::Workspace>(), key, version_of(workspace))) fresh = false;
  }
  if (workspace != nullptr) domain = world_.domains.get(domain_key(*workspace));
  if (domain != nullptr) tenant = tenant_of(world_, *domain);
  const std::int64_t ahead = workspace == nullptr ? 0 : runs_ahead(world_, workspace->metadata.name, run);
  RunStartInput input{run,
                      pipeline.get(),
                      workspace.get(),
                      domain.get(),
                      tenant.get(),
                      nullptr,
                      refusal(feedback),
                      now,
                      former.get(),
                      memory.large().joined(),
                      memory.large().not_found(),
                      ahead,
                      workspace == nullptr ? std::map<Uid, std::string>{} : delays_of_holders(world_, *workspace),
                      world_.watches};
  if (const std::string wanted = wanted_revision(input); !wanted.empty()) {
    const ObjectKey key{ns, wanted};
    revision = world_.revisions.get(key);
    input.revision = revision.get();
    // What the run before was pinned to is lost, unless this cache is behind.
    const bool lost = run.spec.retry_of && revision == nullptr;
    if (lost && !memory.reads().fresh(plan, kube::kControllerRevisions, key, "")) fresh = false;
  }
  // Changes of a Workspace are told to the runs of its Pipelines, and this run's Pipeline may name another by now.
  if (run.spec.retry_of) plan.requeue_after = kMended;
  const RunStartDecision decision = decide_start(input);
  // Its words follow the line: whoever gets a place is told at once, the others from time to time.
  if (decision.waits_for_place) plan.requeue_after = kInLine + ahead * kInLine / 10;
  if (decision.mark) plan.writes.push_back(mark_started(run));
  if (decision.create_revision) plan.writes.push_back(create_revision(*decision.create_revision));
  if (decision.join_revision) plan.writes.push_back(join_revision(*revision, run));
  for (const std::string& sha256 : decision.join_results) memory.large().join(plan, sha256, run);
  if (!fresh) return;
  plan.events = events_of(run, decision.notes);
  if (!plan.writes.empty()) return;  // status follows, so that the mark does not run into its precondition
  if (auto write = write_status(run, decision.status)) plan.writes.push_back(std::move(*write));
}

// The run cannot go on, and no pod of it is touched, until a person has mended or cancelled it.
void RunReconciler::stuck(kube::Plan& plan, const api::PipelineRun& run, const std::string& reason,
                          const std::string& message, WallTime now) const {
  api::PipelineRunStatus status = run.status;
  status.observed_generation = run.metadata.generation;
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

void RunReconciler::proceed(kube::Plan& plan, const api::PipelineRun& run, RunMemory& memory,
                            const RunMemory::News& news, WallTime now) const {
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
  if (const auto hindrance = tell(plan, run, revision, memory, news)) {
    if (!hindrance->reason.empty()) stuck(plan, run, hindrance->reason, hindrance->message, now);
    return;
  }
  const engine::Execution::Step step = memory.execution->step(now);
  RunWrites writes{world_, run, revision->plan, *memory.execution, memory, plan, now, stage_image_, late_};
  plan.requeue_after = wait_until(step.wake_at, now);
  for (const engine::Action& action : step.actions) std::visit(writes, action);
  // Pods that are held ask for nothing, and their turn would last until they are let go.
  if (step.has_more && plan.writes.empty()) plan.requeue_after = kBehind;
  if (const auto due = wait_until(memory.starts().ask(plan, run.metadata.ns, now), now)) {
    plan.requeue_after = std::min(plan.requeue_after.value_or(*due), *due);
  }
}

// Why the run may make no more pods: what its tenant and its DataDomain grant now counts, not what they granted when it
// started. Empty: it may.
std::string RunReconciler::why_withheld(const api::PipelineRun& run) const {
  const std::string& name = run.status.pin->workspace;
  const auto workspace = world_.workspaces.get({run.metadata.ns, name});
  if (workspace == nullptr)
    return "Workspace \"" + name + "\" is gone; make it again, or cancel the run with spec.cancel.finally: false";
  const auto domain = world_.domains.get(domain_key(*workspace));
  const auto tenant = domain == nullptr ? nullptr : tenant_of(world_, *domain);
  const auto refusal = admit(*workspace, domain.get(), tenant.get(), world_.watches);
  if (!refusal) return "";
  return "Workspace \"" + name + "\" is not admitted any more: " + refusal->message +
         "; or cancel the run with spec.cancel.finally: false";
}

// Everything that has changed since it was told before.
std::optional<RunReconciler::Hindrance> RunReconciler::tell(kube::Plan& plan, const api::PipelineRun& run,
                                                            const std::shared_ptr<const RevisionRecord>& revision,
                                                            RunMemory& memory, const RunMemory::News& news) const {
  const bool is_new = memory.execution == nullptr;
  if (is_new || run.status.state != memory.state) {
    auto committed = engine::decode(run.status.state);
    if (!committed) {
      return Hindrance{"StateUnreadable",
                       "status.state: " + committed.error().message + "; delete this run and make a new one"};
    }
    std::unique_ptr<engine::Execution> execution = std::move(memory.execution);
    if (is_new) {
      execution = std::make_unique<engine::Execution>(
          engine::Execution::Identity{run.metadata.key(), run.metadata.uid,
                                      run.metadata.creation_timestamp.value_or(WallTime{}), run.status.start_time},
          std::shared_ptr<const api::RunPlan>(revision, &revision->plan),
          effective_params(given_params(run), revision->plan.pipeline));
    }
    if (auto hindrance = load(plan, run, committed.value(), memory, *execution)) return hindrance;
    execution->see(std::move(committed).value());
    memory.execution = std::move(execution);
    memory.state = run.status.state;
  }
  engine::Execution& execution = *memory.execution;
  execution.see(run.spec);
  execution.see_withheld(why_withheld(run));
  const auto is_ours = [&run](const PodRecord& pod) {
    return pod.run_uid == run.metadata.uid && pod.run == run.metadata.name;
  };
  const auto changes = std::exchange(memory.changes, {});
  if (is_new) {
    for (const auto& pod : pods_of(run)) execution.see(memory.starts().see(*pod));
  }
  for (const auto& change : changes) {
    const bool before = !is_new && change.before && is_ours(*change.before);
    const bool now = change.now && is_ours(*change.now);
    if (before && !(now && attempt_of(*change.now) == attempt_of(*change.before))) {
      execution.see_no_pod(change.before->name, attempt_of(*change.before));
      memory.starts().forget(change.before->name);
    }
    if (now && !is_new) execution.see(memory.starts().see(*change.now));
  }
  for (const std::string& name : memory.starts().take_news()) {
    const auto pod = world_.pods.get({run.metadata.ns, name});
    if (pod != nullptr && is_ours(*pod)) execution.see(memory.starts().see(*pod));
  }
  for (const auto& [attempt, at] : news.made) execution.see_made(attempt, at);
  std::optional<std::string> holders;
  for (engine::RejectedCreate rejected : news.rejected) {
    if (is_of_quota(rejected.message)) {
      if (!holders) holders = quota_holders(world_, run.metadata.key());
      if (!holders->empty()) rejected.message = *holders + "; " + rejected.message;
    }
    execution.see(std::move(rejected));
  }
  for (const engine::Attempt& attempt : news.gone) execution.see_gone(attempt);
  const auto& tasks = revision->plan.pipeline.tasks;
  if (std::any_of(tasks.begin(), tasks.end(), [](const api::Task& task) { return task.approval.has_value(); })) {
    execution.see(world_.approvals_of(run.metadata.key()), world_.approval_guard());
  }
  for (const std::string& text : news.large.texts) execution.see_text(text);
  for (const engine::UnreadResults& unread : news.large.unread) execution.see(unread);
  for (const std::string& text : news.large.stored) execution.see_stored(text);
  if (news.large.unstored) execution.see(*news.large.unstored);
  return std::nullopt;
}

// Stored results that the ledger refers to and the execution does not know.
std::optional<RunReconciler::Hindrance> RunReconciler::load(kube::Plan& plan, const api::PipelineRun& run,
                                                            const engine::Ledger& committed, RunMemory& memory,
                                                            engine::Execution& execution) const {
  bool waits = false;
  for (const std::string& sha256 : execution.lacks(committed)) {
    const LargeResults::Loaded loaded = memory.large().load(plan, sha256, run);
    if (!loaded.lost.empty()) {
      return Hindrance{"ResultsLost", "the ControllerRevision \"" + stored_results_key(run, sha256).name +
                                          "\" that holds results of this run " + loaded.lost +
                                          "; restore it, or delete this run and make a new one"};
    }
    if (loaded.text) {
      execution.see_text(*loaded.text);
    } else {
      waits = true;
    }
  }
  if (waits) return Hindrance{};
  memory.large().forget_loaded();
  return std::nullopt;
}

}  // namespace atelier::reconcile
