// The operator's local copy of the cluster: what reconcilers read. Only reflectors change it.
#pragma once

#include <string>
#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/pipeline_run.h"
#include "atelier/api/workspace.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/store.h"
#include "reconcile/approval_policy.h"
#include "reconcile/approval_record.h"
#include "reconcile/deployment_record.h"
#include "reconcile/pod_record.h"
#include "reconcile/revision_record.h"
#include "reconcile/tenant_record.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

// The resource of a kind of ours.
template <class Kind>
kube::Resource resource_of() {
  return {api::kGroup, api::kVersion, Kind::kPlural, Kind::kNamespaced};
}

// Names of indexes, by what the objects are found under.
inline constexpr const char* kByDomain = "domain";    // workspaces: the DataDomain's "namespace/name"
inline constexpr const char* kByAirflow = "airflow";  // workspaces that have variables for Airflow, as above
// Data domains: the name of their BusinessDomain. Namespaces and what it sets there: the name that they bear.
inline constexpr const char* kByTenant = "tenant";
// Data domains, publish pods: their namespace. BusinessDomains: those that they claim.
inline constexpr const char* kByNamespace = "namespace";
inline constexpr const char* kByWorkspace = "workspace";  // pipelines, runs, pods of its Deployment: "namespace/name"
inline constexpr const char* kByPipeline = "pipeline";    // runs: "namespace/name"
inline constexpr const char* kByFormer = "former";        // runs: of the run that they retry or rerun, as above
inline constexpr const char* kUnfinished = "unfinished";  // runs that are not over: their namespace
inline constexpr const char* kByPlace = "place";          // workspaces: runs that have a place of theirs, as above
inline constexpr const char* kByRun = "run";              // task pods, approvals: the run's "namespace/name"

struct World {
  World() : World(WatchedNamespaces{}) {}
  // Of other namespaces nothing is in the caches, nor anything that is cluster-scoped unless all are watched.
  explicit World(WatchedNamespaces chosen);

  const WatchedNamespaces watches;
  std::string operator_namespace;  // set before anything is reconciled

  kube::Store<api::BusinessDomain> tenants;
  kube::Store<api::DataDomain> domains;
  kube::Store<api::Workspace> workspaces;
  kube::Store<api::Pipeline> pipelines;
  kube::Store<api::PipelineRun> runs;
  kube::Store<PodRecord> pods;
  kube::Store<DeploymentRecord> deployments;
  kube::Store<RevisionRecord> revisions;
  kube::Store<ApprovalRecord> approvals;
  kube::Store<NamespaceRecord> namespaces;
  // What BusinessDomains set in them.
  kube::Store<TenantPartRecord> quotas;
  kube::Store<TenantPartRecord> limits;
  kube::Store<TenantPartRecord> policies;
  kube::Store<TenantPartRecord> bindings;
  // The two objects named kApprovalPolicy. Where the cluster does not serve or show them nothing waits but approvals:
  // caches(), synced() and tenancy_synced() are without them.
  kube::Store<PolicyRecord> approval_policies;
  kube::Store<PolicyRecord> approval_bindings;

  // For engine::judge_approval(): Approvals that name this run, whatever its uid, and whether they can be believed.
  std::vector<engine::GivenApproval> approvals_of(const ObjectKey& run) const;
  engine::ApprovalGuard approval_guard() const;

  // Every cache with what its reflectors watch, in the order above.
  struct Watched {
    kube::Cache* cache;
    kube::Scope scope;
  };
  std::vector<Watched> watched();
  std::vector<kube::Cache*> caches();  // that something waits for
  bool synced() const;                 // but for what only BusinessDomains read
  bool tenancy_synced() const;         // that: namespaces, and what is set in them

 private:
  // What is of namespaces and of no tenancy, with the one scope that it has where all are watched.
  std::vector<Watched> work();
};

}  // namespace atelier::reconcile
