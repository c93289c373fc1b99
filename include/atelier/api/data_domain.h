// DataDomain: a data domain of a tenant and the storage its workspaces publish to. It lives in the storage
// namespace, which is the platform's and not a team's.
#pragma once

#include "atelier/api/shared_types.h"

namespace atelier::api {

// The ids that own the domain's folder on the volume; publish pods run as them.
struct StorageOwner {
  std::int64_t uid = 0;
  std::int64_t gid = 0;

  bool operator==(const StorageOwner&) const = default;
};

struct DomainStorage {
  std::string claim_name;  // a PersistentVolumeClaim in the DataDomain's namespace
  StorageOwner owner;

  bool operator==(const DomainStorage&) const = default;
};

// What of Airflow is started anew when its environment changes; in the DataDomain's namespace.
struct AirflowRestart {
  static constexpr std::size_t kMost = 16;  // of each
  static constexpr Millis kMinInterval{600'000};

  std::vector<std::string> deployments;
  std::vector<std::string> stateful_sets;
  std::optional<Millis> min_interval;  // between two of one of them; absent: kMinInterval

  bool operator==(const AirflowRestart&) const = default;
};

struct DomainAirflow {
  static constexpr std::size_t kMostPrefixes = 64;
  static constexpr const char* kDagsPath = "/opt/airflow/dags";

  std::string image;      // finds the dag_ids of what is published; empty: those that files spell out
  std::string dags_path;  // where it has the storage's <key>/dags; empty: kDagsPath
  AirflowRestart restart;
  std::vector<std::string> allowed_prefixes;  // of variables; none: any name that is not refused

  std::string folder_of_dags() const { return dags_path.empty() ? kDagsPath : dags_path; }
  bool operator==(const DomainAirflow&) const = default;
};

struct DataDomainSpec {
  std::string key;  // the folder on the storage, as in <storage>/<key>/dags/<workspace>; immutable
  LocalReference business_domain;
  DomainStorage storage;
  std::vector<std::string> workspace_namespaces;  // may hold workspaces of this domain
  bool colocated = false;                         // admits workspaces in the storage namespace itself
  std::vector<LocalReference> pull_secrets;       // publish pods pull team images with these
  std::optional<DomainAirflow> airflow;           // present: it has a ConfigMap, also before the first variable

  bool operator==(const DataDomainSpec&) const = default;
};

// A name on the storage and the Workspace that holds it. Written before the first publish pod of that
// Workspace, removed after its sweep, so that nothing on the storage is ever without an entry.
struct StorageClaim {
  std::string name;  // of the Workspace and of its folder
  std::string ns;    // "namespace" in JSON
  Uid uid;
  bool sweeping = false;  // being removed, so it holds nothing any more; set before the sweep pod may exist

  bool operator==(const StorageClaim&) const = default;
};

// What was started anew last of one that spec.airflow.restart names. Noted before it is done, so that nobody who comes
// later does it again.
struct AirflowRestarted {
  std::string kind;
  std::string name;
  Uid uid;
  std::string hash;   // of the environment it was started for
  WallTime time{};    // when that was noted
  bool seen = false;  // its pod template was seen to bear the hash
  bool done = false;  // all its pods were

  bool operator==(const AirflowRestarted&) const = default;
};

// The environment of the domain's Airflow. Noted before the ConfigMap is made, so that it is never forgotten there.
struct AirflowEnvironment {
  std::string config_map;
  std::string hash;                     // of what the ConfigMap was seen to hold; empty: it was not seen yet
  std::optional<WallTime> change_time;  // when it came to hold that
  std::int64_t variables = 0;
  std::optional<WallTime> waiting_since;  // of the first change that something is still to be started anew for
  std::vector<AirflowRestarted> restarts;

  bool operator==(const AirflowEnvironment&) const = default;
};

struct DataDomainStatus {
  std::int64_t observed_generation = 0;
  std::vector<StorageClaim> claims;
  std::int64_t workspaces = 0;
  std::optional<AirflowEnvironment> airflow;
  meta::Conditions conditions;  // Ready, AirflowEnv, AirflowCurrent, AirflowDags

  bool operator==(const DataDomainStatus&) const = default;
};

struct DataDomain {
  static constexpr const char* kKind = "DataDomain";
  static constexpr const char* kPlural = "datadomains";
  static constexpr bool kNamespaced = true;

  meta::ObjectMeta metadata;
  DataDomainSpec spec;
  DataDomainStatus status;

  bool operator==(const DataDomain&) const = default;
};

}  // namespace atelier::api
