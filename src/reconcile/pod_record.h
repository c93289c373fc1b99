// A pod as the operator keeps it: hundreds of bytes, not kilobytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/ids.h"
#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::reconcile {

enum class PodPhase { pending, running, succeeded, failed, unknown };

struct ContainerRecord {
  std::string name;
  std::string image_id;        // repository@sha256:... once the kubelet knows it
  std::string waiting_reason;  // ImagePullBackOff, CreateContainerConfigError, ...; empty when not waiting
  std::string waiting_message;
  bool terminated = false;
  int exit_code = 0;
  std::string reason;   // of the end: OOMKilled, Error, ...
  std::string message;  // the termination message
  std::optional<WallTime> started;
  std::optional<WallTime> finished;
};

struct PodRecord {
  std::string ns;
  std::string name;
  Uid uid;
  std::string resource_version;
  std::string component;  // labels of the same names, see render/labels.h
  std::string workspace;
  std::string workspace_namespace;
  Uid workspace_uid;
  std::string data_domain;
  Uid run_uid;
  std::string run;
  std::string task;
  int attempt = 0;
  std::string input_hash;  // annotations of the same names
  std::string pod_hash;
  std::int64_t generation = 0;
  std::string image;
  std::string claims;
  int result_finalizer = -1;  // position of our finalizer; -1: it is not there
  bool deleting = false;
  bool out_of_grace = false;  // deleting, with a grace period of 0: only finalizers still hold it
  std::optional<WallTime> created;
  PodPhase phase = PodPhase::unknown;
  std::string reason;  // of the pod: Evicted, DeadlineExceeded, ...
  std::string message;
  std::string unschedulable;  // the scheduler's words while the pod has no node
  std::vector<ContainerRecord> init_containers;
  std::vector<ContainerRecord> containers;

  ObjectKey key() const { return {ns, name}; }
  bool holds_result() const { return result_finalizer >= 0; }
  bool terminal() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
};

// Reads one pod of a list or a watch event. Error: server, when it is not a pod.
Result<std::shared_ptr<const PodRecord>> decode_pod(std::string_view document);

}  // namespace atelier::reconcile
