// One world of the campaign: many small pipelines of all shapes, half of their runs under way when faults begin and
// half made while they last; then calm, in which all must end well.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atelier::sim {

struct Tally {
  std::size_t runs = 0;  // not those without faults that they are compared with
  std::size_t worlds = 0;
  std::size_t attempts = 0;
  std::size_t writes = 0;
  std::size_t faults = 0;
  // What must happen in a campaign, or it means nothing; each kind in so many runs, tasks or objects.
  std::size_t approved = 0;
  std::size_t rejected = 0;
  std::size_t unanswered = 0;
  std::size_t large_results = 0;
  std::size_t pages = 0;  // of items' results
  std::size_t waits_for_place = 0;
  std::size_t poisoned_pods = 0;
  std::size_t poisoned_runs = 0;
  std::size_t ended_namespaces = 0;

  Tally& operator+=(const Tally& other);
};

struct Verdict {
  Tally tally;
  std::vector<std::string> findings;  // each an oracle's sentence
  std::string trace;                  // if it was asked for
};

// REQUIRES runs >= 8. The same seed plays the same, whether it is traced or not.
Verdict play_world(std::uint64_t seed, std::size_t runs, bool traced);

}  // namespace atelier::sim
