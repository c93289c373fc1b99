#include "reconcile/pipeline_reconciler.h"

#include "reconcile/pipeline_policy.h"
#include "reconcile/run_history.h"
#include "reconcile/status_conditions.h"
#include "reconcile/tenant_holder.h"
#include "reconcile/writes.h"

namespace atelier::reconcile {
namespace {

// As it was decided about, and no later one of its name.
kube::Write delete_run(const api::PipelineRun& run) {
  kube::DeleteOptions options;
  options.uid = run.metadata.uid;
  options.resource_version = run.metadata.resource_version;
  const ObjectKey key = run.metadata.key();
  return {"delete run " + key.name, kube::delete_(resource_of<api::PipelineRun>(), key, options),
          api::PipelineRun::kPlural, key};
}

}  // namespace

kube::Plan PipelineReconciler::reconcile(const ObjectKey& key, const kube::Feedback&, WallTime now) {
  kube::Plan plan;
  const auto pipeline = world_.pipelines.get(key);
  if (pipeline == nullptr) return plan;
  const auto workspace = world_.workspaces.get({key.ns, pipeline->spec.workspace.name});
  const auto domain = workspace == nullptr ? nullptr : world_.domains.get(domain_key(*workspace));
  const auto tenant = domain == nullptr ? nullptr : tenant_of(world_, *domain);
  const PipelineDecision decision =
      decide(PipelineInput{*pipeline, workspace.get(), domain.get(), tenant.get(), now, world_.watches});
  if (auto write = write_status(*pipeline, decision.status)) plan.writes.push_back(std::move(*write));
  plan.events = events_of(*pipeline, decision.notes);
  if (pipeline->metadata.deleting() || pipeline->spec.history.keeps_all_runs()) return plan;
  const RunHistoryDecision history =
      decide_history(pipeline->spec.history, world_.runs.objects_of(kByPipeline, key.to_string()), now);
  for (const auto& run : history.deleted) plan.writes.push_back(delete_run(*run));
  plan.requeue_after = wait_until(history.look_again, now);
  return plan;
}

}  // namespace atelier::reconcile
