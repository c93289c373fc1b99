// Field tables of BusinessDomain and DataDomain.
#pragma once

#include "api/pod_table.h"
#include "api/shared_table.h"
#include "api/tenancy_table.h"
#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"

namespace atelier::api {

template <>
struct Table<Profile> {
  using P = Profile;
  static auto fields() {
    return std::tuple{field("name", &P::name, required()),
                      field("maxMemoryMB", &P::max_memory_mb, required(at_least(1))),
                      field("duckdbMemoryMB", &P::duckdb_memory_mb, required(at_least(1))),
                      field("chunkSizeRows", &P::chunk_size_rows, required(at_least(1))),
                      field("maxParallelPipelines", &P::max_parallel_pipelines,
                            required(between(1, static_cast<double>(Profile::kMostParallel))))};
  }
};

template <>
struct Table<BusinessDomainSpec> {
  using S = BusinessDomainSpec;
  static auto fields() {
    return std::tuple{field("displayName", &S::display_name),
                      field("namespaces", &S::namespaces, required()),
                      field("defaultProfile", &S::default_profile),
                      field("profiles", &S::profiles),
                      field("allowedPriorityClasses", &S::allowed_priority_classes),
                      field("allowedTolerations", &S::allowed_tolerations),
                      field("quota", &S::quota),
                      field("limits", &S::limits),
                      field("network", &S::network),
                      field("access", &S::access)};
  }
};

template <>
struct Table<BusinessDomainStatus> {
  using S = BusinessDomainStatus;
  static auto fields() {
    return std::tuple{field("observedGeneration", &S::observed_generation),
                      field("dataDomains", &S::data_domains, always()), field("workspaces", &S::workspaces, always()),
                      field("conditions", &S::conditions)};
  }
};

template <>
struct Table<StorageOwner> {
  static auto fields() {
    return std::tuple{field("uid", &StorageOwner::uid, required(between(1, kLargestId))),
                      field("gid", &StorageOwner::gid, required(between(1, kLargestId)))};
  }
};

template <>
struct Table<DomainStorage> {
  static auto fields() {
    return std::tuple{field("claimName", &DomainStorage::claim_name, required()),
                      field("owner", &DomainStorage::owner, required())};
  }
};

template <>
struct Table<AirflowRestart> {
  static auto fields() {
    return std::tuple{field("deployments", &AirflowRestart::deployments),
                      field("statefulSets", &AirflowRestart::stateful_sets),
                      field("minInterval", &AirflowRestart::min_interval)};
  }
};

template <>
struct Table<DomainAirflow> {
  static auto fields() {
    return std::tuple{field("image", &DomainAirflow::image), field("dagsPath", &DomainAirflow::dags_path),
                      field("restart", &DomainAirflow::restart),
                      field("allowedPrefixes", &DomainAirflow::allowed_prefixes)};
  }
};

template <>
struct Table<DataDomainSpec> {
  using S = DataDomainSpec;
  static auto fields() {
    return std::tuple{field("key", &S::key, required()),
                      field("businessDomain", &S::business_domain, required()),
                      field("storage", &S::storage, required()),
                      field("workspaceNamespaces", &S::workspace_namespaces),
                      field("colocated", &S::colocated),
                      field("pullSecrets", &S::pull_secrets),
                      field("airflow", &S::airflow)};
  }
};

template <>
struct Table<StorageClaim> {
  static auto fields() {
    return std::tuple{field("name", &StorageClaim::name, required()), field("namespace", &StorageClaim::ns, required()),
                      field("uid", &StorageClaim::uid, required()), field("sweeping", &StorageClaim::sweeping)};
  }
};

template <>
struct Table<AirflowRestarted> {
  static auto fields() {
    using R = AirflowRestarted;
    return std::tuple{field("kind", &R::kind, required(one_of({"Deployment", "StatefulSet"}))),
                      field("name", &R::name, required()),
                      field("uid", &R::uid, required()),
                      field("hash", &R::hash, required()),
                      field("time", &R::time, required()),
                      field("seen", &R::seen),
                      field("done", &R::done)};
  }
};

template <>
struct Table<AirflowEnvironment> {
  using E = AirflowEnvironment;
  static auto fields() {
    return std::tuple{field("configMap", &E::config_map),       field("hash", &E::hash),
                      field("changeTime", &E::change_time),     field("variables", &E::variables, always()),
                      field("waitingSince", &E::waiting_since), field("restarts", &E::restarts)};
  }
};

template <>
struct Table<DataDomainStatus> {
  using S = DataDomainStatus;
  static auto fields() {
    return std::tuple{field("observedGeneration", &S::observed_generation), field("claims", &S::claims),
                      field("workspaces", &S::workspaces, always()), field("airflow", &S::airflow),
                      field("conditions", &S::conditions)};
  }
};

}  // namespace atelier::api
