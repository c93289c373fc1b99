// The pod fields that a Pipeline may set, as Kubernetes wants them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "atelier/api/pipeline.h"

namespace atelier::render {

inline constexpr std::int64_t kResultsMebi = 32;  // of memory, for the operator's sidecar of a task with large results

// The bytes that the sidecars of a task, the operator's as well, leave to its own container, of a workspace that has so
// much memory. Negative: they take more than there is.
std::int64_t memory_left(const api::Task& task, std::int64_t memory_mb);

nlohmann::json resources_json(const api::ContainerResources& resources);
// Of the task's own container. Without a memory limit of its own it is what is left; without a request, the limit.
// Where attempts ran out of memory the limit is larger by retry.memoryFactor for each, at most what is left.
nlohmann::json task_resources_json(const api::Task& task, std::int64_t memory_mb, std::int64_t out_of_memory);
nlohmann::json mounts_json(const std::vector<api::VolumeMount>& mounts);
// Volumes that the task or its sidecars mount, and what says where the pod runs.
void add_pod_fields(nlohmann::json& spec, const api::Task& task, const api::PipelineSpec& pipeline);

}  // namespace atelier::render
