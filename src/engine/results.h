// The results of a task: one JSON object that it wrote to $ATELIER_RESULTS, the pod's termination message.
#pragma once

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

// Checks every declared result and keeps those in `consumed`. `ledger` tells how much is kept already.
ReadResults read_results(const api::Task& task, std::string_view message, const std::set<std::string>& consumed,
                         const Ledger& ledger);

}  // namespace atelier::engine
