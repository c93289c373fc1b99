// The results of a task: one JSON object that it wrote to $ATELIER_RESULTS, the pod's termination message.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "atelier/api/pipeline.h"
#include "atelier/engine/ledger.h"

namespace atelier::engine {

// Beyond what a run may hand on: of no use to try again.
inline constexpr const char* kResultsTooLarge = "ResultsTooLarge";

struct ReadResults {
  Results kept;         // those that other tasks use
  std::string problem;  // ResultsMissing, ResultsTruncated, ResultsInvalid or ResultsTooLarge; empty when all is well
  std::string message;
};

inline bool has_large_results(const api::Task& task) {
  return task.large_results && !task.results.empty() && !task.for_each;
}

// What a sidecar says that it handed on. Source: atelier-stage results, in src/stage/results.cpp.
struct HandedOn {
  std::string sha256;   // of the text, which is in the sidecar's log
  std::string problem;  // as in ReadResults; empty when all is well
  std::string message;
};
HandedOn read_handed_on(std::string_view termination_message);

// Bytes of them that a ledger keeps: names are written once for all items of a task.
std::size_t bytes_of(const Results& results, bool of_item);

// Checks every declared result and keeps those in `consumed`. `text` is the termination message, or what was handed on
// as large results; `kept` bytes are kept of others of the same kind already.
ReadResults read_results(const api::Task& task, std::string_view text, const std::set<std::string>& consumed,
                         std::size_t kept);

}  // namespace atelier::engine
