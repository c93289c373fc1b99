// How one attempt ended, in the words of the pod.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/text.h"
#include "atelier/engine/observed.h"

namespace atelier::engine {

struct Outcome {
  bool succeeded = false;
  std::string reason;
  std::string message;
};

// REQUIRES a pod that has ended.
Outcome outcome_of(const PodObservation& pod);
// Of a pod that is gone without a trace.
Outcome lost();

// As a reason or message may be in the ledger.
inline std::string bounded(std::string_view text) { return atelier::bounded(text, 256); }

}  // namespace atelier::engine
