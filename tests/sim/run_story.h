// Runs from their making to long after their end, with some trouble on the way; and what must be true of every such
// story.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/fixtures.h"
#include "sim/seeds.h"
#include "support/sanitized.h"

namespace atelier::sim {

struct Story {
  std::function<void(SimWorld&)> begin;  // makes all objects; no operator has started yet
  Node::ScriptOf script = platform_script;
  std::vector<std::string> runs{kRunKey.name};
};

struct Ending {
  nlohmann::json status;     // of the first run, comparable
  nlohmann::json others;     // of the other runs by name, comparable
  nlohmann::json workspace;  // comparable
  bool ended = false;
  std::map<std::string, int> starts;  // by pod
  std::vector<std::string> again;     // pods that started although another had done their work
  std::vector<std::string> held;      // pods with our finalizer
  std::size_t writes = 0;             // until it came to rest, leases apart
  std::size_t requests = 0;           // likewise
  std::size_t restless_writes = 0;    // in the two minutes after
  std::size_t restless_reads = 0;
  std::string trace;
};

// One run of the diamond.
const Story& diamond();

// `trouble` is called when all objects are there and no operator has started yet.
// `settle`: how long after the end of all runs rest is expected.
Ending play(const Story& story, std::uint64_t seed, const std::function<void(SimWorld&)>& trouble = {},
            Millis settle = Millis{30'000});
// The diamond.
Ending play(std::uint64_t seed, const std::function<void(SimWorld&)>& trouble = {}, Millis settle = Millis{30'000});

// The story ended as the one without trouble did, and nothing went too far on the way: at most 20 times as many
// requests.
void expect_same(const Ending& reference, const Ending& ending);

// 20 times as many as the diamond without trouble takes.
std::size_t most_requests();

// A publish is idempotent, and its pod may come again by a create that arrives late; an attempt may not.
void forget_publishes(Ending& ending);

// From one write that an operator crashes at to the next; `step` of a story in which each of them would take minutes.
constexpr std::size_t between_crashes(std::size_t step = 1) { return testing::kSanitized ? 20 * step : step; }

}  // namespace atelier::sim
