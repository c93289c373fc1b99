// How one attempt ended, in the words of the pod.
#pragma once

#include <string>
#include <string_view>

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

// At most `longest` bytes, cut at a character's end and marked as cut.
std::string bounded(std::string_view text, std::size_t longest = 256);

}  // namespace atelier::engine
