// Workspace: one team's image, its DAGs, its long-running containers and environment.
#pragma once

#include "atelier/api/workspace_image.h"

namespace atelier::api {

// A program that looks at the files as they would be published; one that fails keeps them from it. It sees the tree at
// <datadomain>/dags/<workspace> beneath /storage, which is read-only, and its path in $ATELIER_DAGS.
struct WorkspaceCheck {
  std::string name;
  std::string image;  // empty: the workspace's
  std::vector<std::string> command;
  std::vector<std::string> args;

  bool operator==(const WorkspaceCheck&) const = default;
};

struct WorkspaceDags {
  std::string path;  // absolute, in the image
  std::vector<std::string> include = {"**"};
  std::int64_t keep_releases = 5;
  std::optional<Millis> max_release_age;  // since it was live last; absent: none
  std::vector<WorkspaceCheck> checks;     // in order, after all init containers
  std::string release;                    // to go back to, see names_release(); empty: what the image holds

  bool operator==(const WorkspaceDags&) const = default;
};

// A step on the staged files between copy and check. The staging area is mounted at mount_path and holds the
// tree at <datadomain>/dags/<workspace>, as the domain's storage will.
struct StagingStep {
  std::string name;
  std::string image;  // empty: the workspace's
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;  // plain values only: the pod runs in the storage namespace
  std::string mount_path = "/storage";

  bool operator==(const StagingStep&) const = default;
};

struct WorkspaceContainer {
  std::string name;
  std::string image;  // empty: the workspace's, pinned to the live release's digest
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::vector<EnvVar> env;

  bool operator==(const WorkspaceContainer&) const = default;
};

struct AirflowVariable {
  std::string name;  // see why_not_for_airflow()
  std::string value;

  bool operator==(const AirflowVariable&) const = default;
};

// What the workspace puts into the environment of its domain's Airflow, which it shares with all others.
struct WorkspaceAirflow {
  static constexpr std::size_t kMostVariables = 128;
  static constexpr std::size_t kMostBytes = 32 * 1024;  // of their names and values together

  std::vector<AirflowVariable> extra_env;

  bool operator==(const WorkspaceAirflow&) const = default;
};

// Each at most what the profile says.
struct ResourceOverrides {
  std::optional<std::int64_t> max_memory_mb;     // "maxMemoryMB"
  std::optional<std::int64_t> duckdb_memory_mb;  // "duckdbMemoryMB"
  std::optional<std::int64_t> chunk_size_rows;
  std::optional<std::int64_t> max_parallel_pipelines;

  bool operator==(const ResourceOverrides&) const = default;
};

struct WorkspaceResources {
  std::string profile;  // of the BusinessDomain, or a seed; empty: the BusinessDomain's default
  ResourceOverrides overrides;

  bool operator==(const WorkspaceResources&) const = default;
};

struct WorkspaceSpec {
  NamespacedReference data_domain;
  WorkspaceImage image;
  WorkspaceDags dags;
  std::vector<StagingStep> init_containers;
  std::vector<WorkspaceContainer> containers;
  std::vector<EnvVar> env;  // of containers and pipeline tasks
  WorkspaceAirflow airflow;
  WorkspaceResources resources;
  std::int64_t run_as_user = 1000;  // of containers and pipeline tasks

  bool operator==(const WorkspaceSpec&) const = default;
};

// What is live on the storage.
struct WorkspaceRelease {
  std::string id;            // SHA-256 of the published tree, hex
  std::string image;         // the reference as it was asked for
  std::string image_digest;  // repository@sha256:..., as chosen, or as the kubelet reported it; empty: unknown
  std::string location;      // <datadomain>/dags/<workspace>
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t generation = 0;  // of the Workspace that was published
  std::string input_hash;       // of everything that decides what gets published; empty: uncertain what is live
  std::optional<WallTime> time;
  bool copied = false;  // file by file: the storage knows no symbolic links

  bool operator==(const WorkspaceRelease&) const = default;
};

// One that was live, and which image it came from.
struct FormerRelease {
  std::string id;
  std::string image;
  std::string image_digest;
  std::optional<WallTime> time;  // when it went live last

  bool operator==(const FormerRelease&) const = default;
};

// The publish that is under way or failed last; absent when the live release is what the spec asks for.
struct PublishAttempt {
  std::string input_hash;
  std::int64_t attempts = 0;             // ended without success, for this input
  std::optional<WallTime> last_failure;  // end of the last of them
  std::string reason;                    // of the last of them
  std::string message;
  Uid pod;  // whose failure was counted last

  bool operator==(const PublishAttempt&) const = default;
};

// What spec.image.follow came to.
struct ChosenImage {
  std::string repository;
  std::string tag;
  std::string digest;
  std::string rule;  // see rule_of()
  std::optional<WallTime> time;

  bool operator==(const ChosenImage&) const = default;
};

struct WorkspaceStatus {
  std::int64_t observed_generation = 0;
  std::optional<ChosenImage> image;
  // Added to metadata.generation it is the number of a publish, which the storage holds against an older one. It never
  // falls: see docs/decisions/0010.
  std::int64_t sequence_offset = 0;
  std::optional<WorkspaceRelease> release;
  std::vector<FormerRelease> releases;  // the live one first, and those before it: at most spec.dags.keepReleases
  std::optional<PublishAttempt> publish;
  std::vector<RunReference> places;  // runs that may start or have, see reconcile/places.h
  meta::Conditions conditions;       // Ready, Reconciling or Stalled while true, and those of what the spec has

  bool operator==(const WorkspaceStatus&) const = default;
};

// The id of a release (64 hexadecimal digits), its first digits (at least twelve), or adopted-<time>.
bool names_release(std::string_view text);

struct Workspace {
  static constexpr const char* kKind = "Workspace";
  static constexpr const char* kPlural = "workspaces";
  static constexpr bool kNamespaced = true;

  meta::ObjectMeta metadata;
  WorkspaceSpec spec;
  WorkspaceStatus status;

  bool operator==(const Workspace&) const = default;
};

}  // namespace atelier::api
