#include "reconcile/data_domain_reconciler.h"

#include <algorithm>

#include "reconcile/data_domain_policy.h"
#include "reconcile/run_memory.h"
#include "reconcile/tenant_holder.h"
#include "reconcile/volume_node.h"
#include "reconcile/writes.h"
#include "render/labels.h"
#include "render/publish_pod.h"

namespace atelier::reconcile {
namespace {

std::string confirm_id(const api::StorageClaim& claim) {
  return "confirm that workspace " + claim.ns + "/" + claim.name + " " + claim.uid.value + " is gone";
}

// A live read says that the claim's Workspace is gone when it finds none, or another of the same name. A Workspace
// that moved to another DataDomain is gone from this one, too. What is swept cannot be brought back: an object that is
// no Workspace there, or that does not say whose it is, says nothing.
bool says_gone(const Result<nlohmann::json>& answer, const api::StorageClaim& claim, const ObjectKey& domain) {
  if (!answer) return answer.error().code == Errc::not_found;
  const auto parsed = api::parse<api::Workspace>(answer.value());
  if (!parsed || !answer.value().contains("kind")) return false;  // of another kind it cannot be parsed
  const api::Workspace& workspace = parsed.value();
  const api::NamespacedReference& to = workspace.spec.data_domain;
  if (workspace.metadata.ns != claim.ns || workspace.metadata.uid.value.empty() || to.name.empty()) return false;
  return workspace.metadata.uid != claim.uid || ObjectKey(to.ns.empty() ? claim.ns : to.ns, to.name) != domain;
}

std::optional<WallTime> earlier(const std::optional<WallTime>& one, const std::optional<WallTime>& other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

}  // namespace

kube::Plan DataDomainReconciler::reconcile(const ObjectKey& key, const kube::Feedback& feedback, WallTime now) {
  kube::Plan plan;
  const auto domain = world_.domains.get(key);
  if (domain == nullptr) {
    refusals_.erase(key);
    airflow_.forget(key);
    return plan;
  }
  const auto tenant = tenant_of(world_, *domain);
  const ObjectKey sweep_at{key.ns, render::sweep_pod_name(key.name)};
  const auto sweep_pod = world_.pods.get(sweep_at);

  DataDomainInput input{.domain = *domain, .stage_image = stage_image_, .now = now};
  input.tenant = tenant.get();
  input.watches = world_.watches;
  input.sweep_pod = sweep_pod.get();
  for (const auto& workspace : world_.workspaces.objects_of(kByDomain, key.to_string())) {
    input.workspaces.push_back(workspace.get());
  }
  for (const auto& neighbour : world_.domains.objects_of(kByNamespace, key.ns)) {
    if (neighbour != domain) input.neighbours.push_back(neighbour.get());
  }
  for (const auto& pod : world_.pods.objects_of(kByNamespace, key.ns)) input.publish_pods.push_back(pod.get());
  for (const api::StorageClaim& claim : domain->status.claims) {
    const auto* answer = feedback.find(confirm_id(claim));
    if (answer != nullptr && says_gone(*answer, claim, key)) input.confirmed_gone.insert(claim.uid);
  }
  RefusedWrite& refusal = refusals_[key];
  refusal.learn(feedback.find(create_id(sweep_at.name)), now);
  input.sweep_refusal = refusal;
  DataDomainDecision decision = decide(input);
  const AirflowDecision airflow = airflow_.step(plan, *domain, tenant.get(), feedback, now, decision.status);

  if (auto write = write_status(*domain, decision.status)) plan.writes.push_back(std::move(*write));
  if (decision.create_pod) {
    const auto node = volume_node(plan, feedback, {key.ns, domain->spec.storage.claim_name});
    if (node) {
      refusal.asking(annotation(*decision.create_pod, render::kPodHash));
      plan.writes.push_back(create_pod(render::on_node(*decision.create_pod, *node)));
    }
  }
  for (const auto& [name, uid] : decision.delete_pods) plan.writes.push_back(delete_pod({key.ns, name}, uid));
  for (const api::StorageClaim& claim : decision.confirm) {
    const ObjectKey at{claim.ns, claim.name};
    plan.writes.push_back(
        {confirm_id(claim), kube::get(resource_of<api::Workspace>(), at), api::Workspace::kPlural, at});
  }
  decision.notes.insert(decision.notes.end(), airflow.notes.begin(), airflow.notes.end());
  plan.events = events_of(*domain, decision.notes);
  plan.requeue_after = wait_until(earlier(decision.wake_at, airflow.wake_at), now);
  return plan;
}

}  // namespace atelier::reconcile
