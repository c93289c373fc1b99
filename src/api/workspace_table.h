// Field tables of Workspace.
#pragma once

#include "api/domain_table.h"
#include "atelier/api/workspace.h"

namespace atelier::api {

template <>
struct Table<ImageFollow> {
  using F = ImageFollow;
  static auto fields() {
    return std::tuple{field("tag", &F::tag),         field("semver", &F::semver),
                      field("pattern", &F::pattern), field("interval", &F::interval),
                      field("suspend", &F::suspend), field("credentials", &F::credentials)};
  }
};

template <>
struct Table<ChosenImage> {
  using C = ChosenImage;
  static auto fields() {
    return std::tuple{field("repository", &C::repository), field("tag", &C::tag), field("digest", &C::digest),
                      field("rule", &C::rule), field("time", &C::time)};
  }
};

template <>
struct Table<WorkspaceImage> {
  using I = WorkspaceImage;
  static auto fields() {
    return std::tuple{field("repository", &I::repository, required()),
                      field("tag", &I::tag),
                      field("digest", &I::digest),
                      field("follow", &I::follow),
                      field("pullPolicy", &I::pull_policy, one_of({"Always", "IfNotPresent", "Never"})),
                      field("pullSecrets", &I::pull_secrets)};
  }
};

template <>
struct Table<WorkspaceCheck> {
  using C = WorkspaceCheck;
  static auto fields() {
    return std::tuple{field("name", &C::name, required()), field("image", &C::image), field("command", &C::command),
                      field("args", &C::args)};
  }
};

template <>
struct Table<WorkspaceDags> {
  using D = WorkspaceDags;
  static auto fields() {
    return std::tuple{field("path", &D::path, required()),
                      field("include", &D::include),
                      field("keepReleases", &D::keep_releases, between(1, 100)),
                      field("maxReleaseAge", &D::max_release_age),
                      field("checks", &D::checks),
                      field("release", &D::release)};
  }
};

template <>
struct Table<StagingStep> {
  using S = StagingStep;
  static auto fields() {
    return std::tuple{field("name", &S::name, required()),
                      field("image", &S::image),
                      field("command", &S::command),
                      field("args", &S::args),
                      field("env", &S::env),
                      field("mountPath", &S::mount_path)};
  }
};

template <>
struct Table<WorkspaceContainer> {
  using C = WorkspaceContainer;
  static auto fields() {
    return std::tuple{field("name", &C::name, required()), field("image", &C::image), field("command", &C::command),
                      field("args", &C::args), field("env", &C::env)};
  }
};

template <>
struct Table<AirflowVariable> {
  static auto fields() {
    return std::tuple{field("name", &AirflowVariable::name, required()), field("value", &AirflowVariable::value)};
  }
};

template <>
struct Table<WorkspaceAirflow> {
  static auto fields() { return std::tuple{field("extraEnv", &WorkspaceAirflow::extra_env)}; }
};

template <>
struct Table<ResourceOverrides> {
  using O = ResourceOverrides;
  static auto fields() {
    return std::tuple{field("maxMemoryMB", &O::max_memory_mb, at_least(1)),
                      field("duckdbMemoryMB", &O::duckdb_memory_mb, at_least(1)),
                      field("chunkSizeRows", &O::chunk_size_rows, at_least(1)),
                      field("maxParallelPipelines", &O::max_parallel_pipelines, at_least(1))};
  }
};

template <>
struct Table<WorkspaceResources> {
  static auto fields() {
    return std::tuple{field("profile", &WorkspaceResources::profile),
                      field("overrides", &WorkspaceResources::overrides)};
  }
};

template <>
struct Table<WorkspaceSpec> {
  using S = WorkspaceSpec;
  static auto fields() {
    return std::tuple{field("dataDomain", &S::data_domain, required()),
                      field("image", &S::image, required()),
                      field("dags", &S::dags, required()),
                      field("initContainers", &S::init_containers),
                      field("containers", &S::containers),
                      field("env", &S::env),
                      field("airflow", &S::airflow),
                      field("resources", &S::resources),
                      field("runAsUser", &S::run_as_user, between(1, kLargestId))};
  }
};

template <>
struct Table<WorkspaceRelease> {
  using R = WorkspaceRelease;
  static auto fields() {
    return std::tuple{field("id", &R::id),
                      field("image", &R::image),
                      field("imageDigest", &R::image_digest),
                      field("location", &R::location),
                      field("files", &R::files, always()),
                      field("bytes", &R::bytes, always()),
                      field("generation", &R::generation, always()),
                      field("inputHash", &R::input_hash),
                      field("time", &R::time),
                      field("copied", &R::copied)};
  }
};

template <>
struct Table<FormerRelease> {
  using R = FormerRelease;
  static auto fields() {
    return std::tuple{field("id", &R::id), field("image", &R::image), field("imageDigest", &R::image_digest),
                      field("time", &R::time)};
  }
};

template <>
struct Table<PublishAttempt> {
  using A = PublishAttempt;
  static auto fields() {
    return std::tuple{field("inputHash", &A::input_hash),     field("attempts", &A::attempts, always()),
                      field("lastFailure", &A::last_failure), field("reason", &A::reason),
                      field("message", &A::message),          field("pod", &A::pod)};
  }
};

template <>
struct Table<WorkspaceStatus> {
  using S = WorkspaceStatus;
  static auto fields() {
    return std::tuple{field("observedGeneration", &S::observed_generation),
                      field("image", &S::image),
                      field("sequenceOffset", &S::sequence_offset),
                      field("release", &S::release),
                      field("releases", &S::releases),
                      field("publish", &S::publish),
                      field("places", &S::places),
                      field("conditions", &S::conditions)};
  }
};

}  // namespace atelier::api
