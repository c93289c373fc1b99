// The results of a task: one JSON object that it wrote to $ATELIER_RESULTS, the pod's termination message.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "atelier/api/pipeline.h"
#include "atelier/engine/ledger.h"

namespace atelier::engine {

struct ReadResults {
  Results kept;         // those that other tasks use
  std::string problem;  // ResultsMissing, ResultsTruncated, ResultsInvalid or ResultsTooLarge; empty when all is well
  std::string message;
};

// Bytes of them that a ledger keeps.
std::size_t bytes_of(const Results& results);

// Checks every declared result and keeps those in `consumed`. `kept` bytes are kept of others already.
ReadResults read_results(const api::Task& task, std::string_view message, const std::set<std::string>& consumed,
                         std::size_t kept);

}  // namespace atelier::engine
