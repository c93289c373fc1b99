// Where a pod that mounts a claim has to run: a ReadWriteOnce volume is on one node at a time, and a pod on another
// node would wait for it until Airflow ends.
#pragma once

#include <optional>
#include <string>

#include "atelier/base/ids.h"
#include "atelier/kube/plan.h"

namespace atelier::reconcile {

// The node on which a claim that one node alone can mount is in use now; empty where any node will do, or where the
// API server does not let us look. Nothing while that is not known: reads were added to `plan`, whose answers come with
// the next feedback.
std::optional<std::string> volume_node(kube::Plan& plan, const kube::Feedback& feedback, const ObjectKey& claim);

}  // namespace atelier::reconcile
