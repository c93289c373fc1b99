#include "reconcile/workspace_reconciler.h"

#include <algorithm>

#include "reconcile/admission.h"
#include "reconcile/place_seekers.h"
#include "reconcile/run_memory.h"
#include "reconcile/tenant_holder.h"
#include "reconcile/volume_node.h"
#include "reconcile/writes.h"
#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

constexpr const char* kApplyDeployment = "apply deployment";

bool has_begun(const PodRecord& pod) {
  return std::any_of(pod.init_containers.begin(), pod.init_containers.end(),
                     [](const ContainerRecord& step) { return step.started || step.terminated; });
}

// Why the publish pod is not started, where only Events say it.
std::string told(StartEvents& starts, const PodRecord* pod) {
  if (pod == nullptr || has_begun(*pod)) {
    starts = {};
    return "";
  }
  const engine::PodObservation seen = starts.see(*pod);
  return seen.waiting_message.empty() ? "" : seen.waiting_reason + ": " + seen.waiting_message;
}

}  // namespace

kube::Plan WorkspaceReconciler::reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) {
  kube::Plan plan;
  const auto workspace = world_.workspaces.get(key);
  if (workspace == nullptr) {
    refusals_.erase(key);
    starts_.erase(key);
    questions_.forget(key);
    return plan;
  }
  const ObjectKey domain_at = domain_key(*workspace);
  const auto domain = world_.domains.get(domain_at);
  const auto tenant = domain == nullptr ? nullptr : tenant_of(world_, *domain);
  const ObjectKey pod_at{domain_at.ns, render::publish_pod_name(key)};
  const auto pod = world_.pods.get(pod_at);
  const auto deployment = world_.deployments.get(key);

  WorkspaceInput input{.workspace = *workspace, .stage_image = stage_image_, .now = now};
  input.domain = domain.get();
  input.tenant = tenant.get();
  input.watches = world_.watches;
  input.publish_pod = pod.get();
  input.deployment = deployment.get();
  input.container_pods = world_.pods.objects_of(kByWorkspace, key.to_string());
  if (domain == nullptr) {
    airflow_.forget(domain_at);
  } else if (!workspace->spec.airflow.extra_env.empty()) {
    input.airflow = &airflow_.of(world_, domain, tenant);
  }
  if (!workspace->metadata.deleting()) input.seekers = place_seekers(world_, *workspace, plan, feedback);
  std::optional<WallTime> wake_at;
  if (may_ask(*workspace, domain.get(), tenant.get())) {
    ImageQuestions::Known known = questions_.ask(*workspace, plan, feedback, now);
    input.followed = std::move(known.found);
    wake_at = known.wake_at;
  } else {
    questions_.forget(key);
  }
  WorkspaceRefusals& refusals = refusals_[key];
  refusals.pod.learn(feedback.find(create_id(pod_at.name)), now);
  refusals.deployment.learn(feedback.find(kApplyDeployment), now);
  input.refusals = refusals;
  StartEvents& starts = starts_[key];
  starts.learn(feedback);
  input.why_not_started = told(starts, pod.get());
  const WorkspaceDecision decision = decide(input);
  if (decision.wake_at) wake_at = wake_at ? std::min(*wake_at, *decision.wake_at) : decision.wake_at;

  if (auto write = write_status(*workspace, decision.status)) plan.writes.push_back(std::move(*write));
  if (decision.create_pod) {
    const auto node = volume_node(plan, feedback, {domain_at.ns, domain->spec.storage.claim_name});
    if (node) {
      refusals.pod.asking(annotation(*decision.create_pod, render::kPodHash));
      plan.writes.push_back(create_pod(render::on_node(*decision.create_pod, *node)));
    }
  }
  if (decision.delete_pod) plan.writes.push_back(delete_pod(pod_at, *decision.delete_pod));
  if (decision.apply_deployment) {
    refusals.deployment.asking(annotation(*decision.apply_deployment, render::kInputHash));
    plan.writes.push_back({kApplyDeployment,
                           kube::apply(kube::kDeployments, key, *decision.apply_deployment, "atelier"), "deployments",
                           key});
  }
  if (decision.delete_deployment) {
    kube::DeleteOptions options;
    options.uid = deployment->uid;
    options.propagation = "Background";
    plan.writes.push_back({"delete deployment", kube::delete_(kube::kDeployments, key, options), "deployments", key});
  }
  plan.events = events_of(*workspace, decision.notes);
  if (const auto due = starts.ask(plan, domain_at.ns, now)) wake_at = std::min(wake_at.value_or(*due), *due);
  plan.requeue_after = wait_until(wake_at, now);
  return plan;
}

}  // namespace atelier::reconcile
