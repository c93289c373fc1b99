#include "reconcile/wiring.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "atelier/base/log.h"
#include "reconcile/admission.h"
#include "reconcile/data_domain_policy.h"
#include "reconcile/place_seekers.h"
#include "reconcile/pod_retention.h"
#include "reconcile/publish_outcome.h"
#include "reconcile/run_start.h"
#include "render/labels.h"

namespace atelier::reconcile {
namespace {

using kube::Change;
using kube::Priority;

template <class T>
Priority priority(const Change<T>& change) {
  return change.initial ? Priority::initial : Priority::live;
}

// Calls `visit` with what the object was and what it is, where there is such a thing.
template <class T, class Visit>
void both(const Change<T>& change, Visit visit) {
  if (change.before) visit(*change.before);
  if (change.now) visit(*change.now);
}

void on_pipeline_changed(const World& world, const Enqueue& enqueue, const ObjectKey& key, Priority at) {
  enqueue.pipeline(key, at);
  for (const ObjectKey& run : world.runs.keys_of(kByPipeline, key.to_string())) {
    const auto known = world.runs.get(run);
    if (known != nullptr && !known->status.pin) enqueue.run(run, at);  // it waits to start
  }
}

void on_pipelines_of(const World& world, const Enqueue& enqueue, const ObjectKey& workspace, Priority at) {
  for (const ObjectKey& pipeline : world.pipelines.keys_of(kByWorkspace, workspace.to_string())) {
    on_pipeline_changed(world, enqueue, pipeline, at);
  }
}

// Those that have started go on only while the workspace is admitted.
void on_admission(const World& world, const Enqueue& enqueue, const ObjectKey& workspace, Priority at) {
  on_pipelines_of(world, enqueue, workspace, at);
  for (const ObjectKey& run : world.runs.keys_of(kByWorkspace, workspace.to_string())) enqueue.run(run, at);
}

// Whose the namespace is depends on all that claim it.
void on_claims(const World& world, const Enqueue& enqueue, const std::string& ns, Priority at) {
  for (const ObjectKey& tenant : world.tenants.keys_of(kByNamespace, ns)) enqueue.tenant(tenant, at);
}

void on_namespace(const World& world, const Enqueue& enqueue, const Change<NamespaceRecord>& change) {
  on_claims(world, enqueue, change.key.name, priority(change));
  both(change, [&](const NamespaceRecord& ns) {
    if (!ns.tenant().empty()) enqueue.tenant({"", ns.tenant()}, priority(change));
  });
}

void on_part(const Enqueue& enqueue, const Change<TenantPartRecord>& change) {
  // A quota counts in its status whenever a pod comes or goes.
  if (change.before && change.now && change.before->says_the_same(*change.now)) return;
  both(change, [&](const TenantPartRecord& part) {
    if (!part.tenant.empty()) enqueue.tenant({"", part.tenant}, priority(change));
  });
}

void on_tenant(const World& world, const Enqueue& enqueue, const Change<api::BusinessDomain>& change) {
  enqueue.tenant(change.key, priority(change));
  if (change.before && change.now && change.before->spec == change.now->spec) return;
  // Those that name it, and those in its namespaces, of which another may be the holder now.
  const auto naming = world.domains.keys_of(kByTenant, change.key.name);
  std::set<ObjectKey> domains(naming.begin(), naming.end());
  both(change, [&](const api::BusinessDomain& tenant) {
    for (const std::string& ns : tenant.spec.namespaces) {
      on_claims(world, enqueue, ns, priority(change));
      for (ObjectKey& domain : world.domains.keys_of(kByNamespace, ns)) domains.insert(std::move(domain));
    }
  });
  for (const ObjectKey& domain : domains) {
    enqueue.domain(domain, priority(change));
    // The default profile of its workspaces may be another, and what their pipelines may ask for.
    for (const ObjectKey& workspace : world.workspaces.keys_of(kByDomain, domain.to_string())) {
      enqueue.workspace(workspace, priority(change));
      on_admission(world, enqueue, workspace, priority(change));
    }
  }
}

void on_domain(const World& world, const Enqueue& enqueue, const Change<api::DataDomain>& change) {
  enqueue.domain(change.key, priority(change));
  both(change, [&](const api::DataDomain& domain) {
    enqueue.tenant({"", domain.spec.business_domain.name}, priority(change));
  });
  const bool same_spec = change.before && change.now && change.before->spec == change.now->spec;
  for (const ObjectKey& workspace : world.workspaces.keys_of(kByDomain, change.key.to_string())) {
    enqueue.workspace(workspace, priority(change));
    if (!same_spec) on_admission(world, enqueue, workspace, priority(change));  // its tenant may be another
  }
  const auto same_folder = [](const api::DataDomain& one, const api::DataDomain& other) {
    return one.spec.key == other.spec.key && one.spec.storage.claim_name == other.spec.storage.claim_name;
  };
  if (change.before && change.now && same_folder(*change.before, *change.now)) return;
  for (const ObjectKey& neighbour : world.domains.keys_of(kByNamespace, change.key.ns)) {
    if (neighbour != change.key) enqueue.domain(neighbour, priority(change));
  }
}

bool differ_in_places_alone(const api::Workspace& one, const api::Workspace& other) {
  if (one.status.places == other.status.places) return false;
  api::Workspace same = one;
  same.status.places = other.status.places;
  same.metadata.resource_version = other.metadata.resource_version;
  return same == other;
}

// Before its claim is in status nothing of a workspace counts for the domain's Airflow.
bool is_claimed(const World& world, const api::Workspace& workspace) {
  const auto domain = world.domains.get(domain_key(workspace));
  return domain != nullptr &&
         std::any_of(domain->status.claims.begin(), domain->status.claims.end(),
                     [&](const api::StorageClaim& claim) { return claim.uid == workspace.metadata.uid; });
}

void on_workspace(const World& world, const Enqueue& enqueue, const Change<api::Workspace>& change) {
  enqueue.workspace(change.key, priority(change));
  // A DataDomain notes the claim of a workspace that moved, or comes back, once status names no live release.
  if (!change.before || !change.now || change.before->spec.data_domain != change.now->spec.data_domain ||
      (names_live_release(*change.before) && !names_live_release(*change.now))) {
    both(change, [&](const api::Workspace& workspace) { enqueue.domain(domain_key(workspace), priority(change)); });
    for (const ObjectKey& run : world.runs.keys_of(kByWorkspace, change.key.to_string())) {
      enqueue.run(run, priority(change));
    }
  }
  if (change.before && change.now &&
      (change.before->spec.airflow != change.now->spec.airflow ||
       change.before->metadata.deleting() != change.now->metadata.deleting()) &&
      is_claimed(world, *change.now)) {
    enqueue.domain(domain_key(*change.now), priority(change));
  }
  if (change.before && change.now) {
    for (const api::RunReference& place : change.now->status.places) {
      const auto& before = change.before->status.places;
      if (std::find(before.begin(), before.end(), place) == before.end()) {
        enqueue.run({change.key.ns, place.name}, priority(change));  // it may start
      }
    }
    if (differ_in_places_alone(*change.before, *change.now)) return;
  }
  on_pipelines_of(world, enqueue, change.key, priority(change));
}

void on_places_of(const World& world, const Enqueue& enqueue, const ObjectKey& run, Priority at) {
  for (const ObjectKey& workspace : world.workspaces.keys_of(kByPlace, run.to_string())) {
    enqueue.workspace(workspace, at);
  }
}

// The places of its workspace: it asks for one, leaves one, or none is left for it to ask for.
void on_place(const World& world, const Enqueue& enqueue, const Change<api::PipelineRun>& change) {
  const Priority at = priority(change);
  both(change, [&](const api::PipelineRun& run) {
    if (asks_for_place(run)) enqueue.workspace({change.key.ns, workspace_of(world, run)}, at);
  });
  const bool under_way = change.now && change.now->status.pin && !is_over(change.now->status);
  if (under_way && change.before && change.before->status.pin) return;
  on_places_of(world, enqueue, change.key, at);
  if (change.before && change.before->status.pin) {
    enqueue.workspace({change.key.ns, change.before->status.pin->workspace}, at);  // it may be in no list
  }
}

void on_run(const World& world, const Enqueue& enqueue, const Change<api::PipelineRun>& change) {
  enqueue.run(change.key, priority(change));
  on_place(world, enqueue, change);
  for (const ObjectKey& later : world.runs.keys_of(kByFormer, change.key.to_string())) {
    const auto known = world.runs.get(later);
    if (known != nullptr && !known->status.pin) enqueue.run(later, priority(change));  // it may wait for this one
  }
  if (change.now && !change.now->status.completion_time) return;
  const api::PipelineRun& over = change.now ? *change.now : *change.before;
  const ObjectKey key{change.key.ns, over.spec.pipeline.name};
  const auto pipeline = world.pipelines.get(key);
  if (pipeline != nullptr && !pipeline->spec.history.keeps_all_runs()) enqueue.pipeline(key, priority(change));
}

void on_pod(const World& world, const Enqueue& enqueue, const Change<PodRecord>& change) {
  const PodRecord& pod = change.now ? *change.now : *change.before;
  if (pod.component == render::kTask) {
    const ObjectKey key{pod.ns, pod.run};
    enqueue.run(key, priority(change));
    const auto run = world.runs.get(key);
    const bool ended = !change.now || pod.terminal();
    if (ended && (run == nullptr || is_over(run->status))) on_places_of(world, enqueue, key, priority(change));
  }
  if (concerns_retention(pod)) enqueue.pod(change.key, priority(change));
  if (pod.component == render::kContainers) enqueue.workspace({pod.ns, pod.workspace}, priority(change));
  if (pod.component == render::kSweep) enqueue.domain({pod.ns, pod.storage->data_domain}, priority(change));
  if (pod.component == render::kPublish) {
    const ObjectKey workspace{pod.storage->workspace_namespace, pod.workspace};
    enqueue.workspace(workspace, priority(change));
    const auto known = world.workspaces.get(workspace);
    const ObjectKey domain{pod.ns, pod.storage->data_domain};
    if (known == nullptr || known->metadata.uid != pod.storage->workspace_uid || domain_key(*known) != domain ||
        holder_of_name(pod)) {
      enqueue.domain(domain, priority(change));  // its sweep waits for this pod's end, or frees the name for it
    }
  }
}

// Every run that is not over, whenever approvals begin to count or stop: rare.
void on_guard(const World& world, const Enqueue& enqueue, engine::ApprovalGuard& told) {
  engine::ApprovalGuard now = world.approval_guard();
  if (now == told) return;
  told = std::move(now);
  if (told.state == engine::ApprovalGuard::State::in_force) {
    log::info("approvals count", {{"since", format_time(told.since)}});
  } else {
    log::info("approvals are refused", {{"why", told.why}});
  }
  world.runs.each([&](const ObjectKey& key, const auto& run) {
    if (!run->status.completion_time) enqueue.run(key, Priority::live);
  });
}

}  // namespace

void wire(World& world, Enqueue given) {
  const auto enqueue = std::make_shared<const Enqueue>(std::move(given));
  world.tenants.on_change([&world, enqueue](const auto& change) { on_tenant(world, *enqueue, change); });
  world.domains.on_change([&world, enqueue](const auto& change) { on_domain(world, *enqueue, change); });
  world.workspaces.on_change([&world, enqueue](const auto& change) { on_workspace(world, *enqueue, change); });
  world.pipelines.on_change(
      [&world, enqueue](const auto& change) { on_pipeline_changed(world, *enqueue, change.key, priority(change)); });
  world.runs.on_change([&world, enqueue](const auto& change) { on_run(world, *enqueue, change); });
  world.pods.on_change([&world, enqueue](const auto& change) { on_pod(world, *enqueue, change); });
  world.approvals.on_change([enqueue](const Change<ApprovalRecord>& change) {
    const ApprovalRecord& approval = change.now ? *change.now : *change.before;
    enqueue->run({change.key.ns, approval.given.spec.run.name}, priority(change));
  });
  // Of progress, not of changes: that there is no policy is no change of an object.
  const auto guard = std::make_shared<engine::ApprovalGuard>(world.approval_guard());
  for (kube::Cache* part : std::initializer_list<kube::Cache*>{&world.approval_policies, &world.approval_bindings}) {
    part->on_progress([&world, enqueue, guard] { on_guard(world, *enqueue, *guard); });
  }
  world.namespaces.on_change([&world, enqueue](const auto& change) { on_namespace(world, *enqueue, change); });
  for (auto* parts : {&world.quotas, &world.limits, &world.policies, &world.bindings}) {
    parts->on_change([enqueue](const auto& change) { on_part(*enqueue, change); });
  }
  world.deployments.on_change([enqueue](const auto& change) { enqueue->workspace(change.key, priority(change)); });
}

}  // namespace atelier::reconcile
