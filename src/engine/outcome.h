// How one attempt ended, in the words of the pod.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/text.h"
#include "atelier/engine/observed.h"

namespace atelier::engine {

inline constexpr const char* kResultsUnread = "ResultsUnread";      // of one that has ended, for now
inline constexpr const char* kResultsUnstored = "ResultsUnstored";  // the same
inline constexpr const char* kOutOfMemory = "OOMKilled";

struct Outcome {
  bool succeeded = false;
  std::string reason = {};
  std::string message = {};
  bool by_cluster = false;  // the task did not fail: its pod was evicted, deleted, lost, or never started
};

// REQUIRES a pod that has ended.
Outcome outcome_of(const PodObservation& pod);
// Of a pod that is gone without a trace.
Outcome lost();
// Of a pod that took too long to start. `entry` remembers what it waited for.
Outcome not_started(const PodObservation& pod, const Entry& entry);

// As a reason or message may be in the ledger.
inline std::string bounded(std::string_view text) { return atelier::bounded(text, 256); }

}  // namespace atelier::engine
