// Whether an object's status still tells a refusal that a former process met: it is told on until the answer to this
// one's write is there.
#pragma once

#include "atelier/meta/condition.h"

namespace atelier::reconcile {

template <class Kind>
bool still_says(const Kind& object, const char* type, const char* reason) {
  const meta::Condition* before = meta::find_condition(object.status.conditions, type);
  return before != nullptr && before->reason == reason && before->observed_generation == object.metadata.generation;
}

}  // namespace atelier::reconcile
