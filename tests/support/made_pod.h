// The pod that the API server makes of a create, before anything has happened to it.
#pragma once

#include "atelier/engine/decide.h"

namespace atelier::testing {

inline engine::PodObservation made_pod(const engine::CreatePod& create, WallTime at) {
  engine::PodObservation pod;
  pod.name = create.pod_name;
  pod.uid = Uid{"uid of " + create.pod_name};
  pod.task = create.task;
  pod.item = create.item;
  pod.attempt = create.attempt;
  pod.created = at;
  pod.holds_result = true;
  return pod;
}

}  // namespace atelier::testing
