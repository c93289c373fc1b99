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
#include "atelier/kube/entry.h"
#include "reconcile/rare.h"
#include "reconcile/shared_text.h"

namespace atelier::reconcile {

enum class PodPhase : std::uint8_t { pending, running, succeeded, failed, unknown };

struct WaitingState {
  SharedText reason;  // ImagePullBackOff, CreateContainerConfigError, ...; empty when not waiting
  SharedText message;
};

struct ContainerRecord {
  SharedText name;
  SharedText image_id;  // repository@sha256:... once the kubelet knows it
  Rare<WaitingState> waiting;
  bool terminated = false;
  int exit_code = 0;
  SharedText reason;    // of the end: OOMKilled, Error, ...
  std::string message;  // the termination message
  std::optional<WallTime> started;
  std::optional<WallTime> finished;
};

// Labels and annotations that only publish and sweep pods have, see render/labels.h.
struct StorageMarks {
  SharedText workspace_namespace;
  SharedUid workspace_uid;
  SharedText data_domain;
  SharedText input_hash;
  SharedText pod_hash;
  std::int64_t generation = 0;
  SharedText image;
  SharedText image_digest;
  SharedText claims;
};

// What conditions of the pod say.
struct PodConditions {
  SharedText unschedulable;  // the scheduler's words while the pod has no node
  // DisruptionTarget: why the cluster ends it, such as EvictionByEvictionAPI, PreemptionByScheduler,
  // DeletionByTaintManager or TerminationByKubelet.
  SharedText disruption_reason;
  SharedText disruption_message;
};

struct PodRecord {
  SharedText ns;
  std::string name;
  Uid uid;
  std::string resource_version;
  SharedText component;  // labels of the same names, see render/labels.h
  SharedText workspace;
  SharedUid run_uid;
  SharedText run;
  SharedText task;
  Rare<StorageMarks> storage;
  int item = -1;  // of a fan-out; -1: none
  int attempt = 0;
  int result_finalizer = -1;  // position of our finalizer; -1: it is not there
  bool deleting = false;
  bool out_of_grace = false;  // deleting, with a grace period of 0: only finalizers still hold it
  bool ended_before = false;  // deleting, and its task's container had ended by itself when the delete was asked for
  PodPhase phase = PodPhase::unknown;
  std::optional<WallTime> created;
  SharedText reason;  // of the pod: Evicted, DeadlineExceeded, ...
  SharedText message;
  Rare<PodConditions> conditions;
  std::vector<ContainerRecord> init_containers;
  std::vector<ContainerRecord> containers;

  ObjectKey key() const { return {ns, name}; }
  bool holds_result() const { return result_finalizer >= 0; }
  bool terminal() const { return phase == PodPhase::succeeded || phase == PodPhase::failed; }
};

inline kube::IdentityView identity_of(const PodRecord& pod) {
  return {{*pod.ns, pod.name}, pod.uid.value, pod.resource_version};
}

// Reads one pod of a list or a watch event. REQUIRES kube::kPadding readable bytes behind it. Error: server, when it is
// not a pod.
Result<std::shared_ptr<const PodRecord>> decode_pod(std::string_view document);

}  // namespace atelier::reconcile
