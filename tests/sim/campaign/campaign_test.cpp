// Mixed pipelines under faults, world after world, each from its seed. Every oracle of play_world has to hold in each.
//   ATELIER_SIM_SEED=7      only that world, with its trace if something is found
//   ATELIER_SIM_COUNT=500   so many worlds, from there on
#include "sim/campaign/campaign.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "atelier/base/log.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

constexpr std::size_t kRuns = testing::kSanitized ? 8 : 60;          // of each world
constexpr std::size_t kWorlds = testing::kSanitized ? 4 * 60 : 350;  // seeds() takes a quarter under a sanitizer

// What it threw is a finding, too.
Verdict verdict_of(std::uint64_t seed) {
  try {
    return play_world(seed, kRuns, false);
  } catch (const std::exception& problem) {
    return Verdict{{}, {std::string("it threw: ") + problem.what()}, ""};
  }
}

// Worlds share nothing, so each core plays its own.
class Campaign : public ::testing::Test {
 protected:
  void play(const std::vector<std::uint64_t>& worlds) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    const auto some = [&] {
      for (std::size_t at = next++; at < worlds.size(); at = next++) {
        const Verdict verdict = verdict_of(worlds[at]);
        const std::lock_guard lock(mutex);
        tally_ += verdict.tally;
        if (verdict.findings.empty()) continue;
        found_[worlds[at]] = verdict.findings;
        next = worlds.size();
      }
    };
    std::vector<std::jthread> cores;
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) cores.emplace_back(some);
  }

  // In a few worlds, and in small ones, a kind may be missing.
  void expect_all_kinds() const {
    const std::pair<const char*, std::size_t> kinds[] = {{"approved", tally_.approved},
                                                         {"rejected", tally_.rejected},
                                                         {"unanswered", tally_.unanswered},
                                                         {"large results", tally_.large_results},
                                                         {"pages of items' results", tally_.pages},
                                                         {"waits for a place", tally_.waits_for_place},
                                                         {"poisoned pods", tally_.poisoned_pods},
                                                         {"poisoned runs", tally_.poisoned_runs},
                                                         {"ended namespaces", tally_.ended_namespaces}};
    for (const auto& [kind, count] : kinds) {
      std::printf("%s: %zu\n", kind, count);
      if (tally_.worlds >= 100 && !testing::kSanitized)
        EXPECT_GE(count, tally_.worlds / 10) << kind << ": too few to mean anything";
    }
  }

  Tally tally_;
  std::map<std::uint64_t, std::vector<std::string>> found_;  // by seed
};

TEST_F(Campaign, FindsNothing) {
  log::set_level(log::Level::error);
  play(seeds(kWorlds));
  for (const auto& [seed, findings] : found_) {
    std::puts(play_world(seed, kRuns, true).trace.c_str());
    std::printf("world %zu; again: ATELIER_SIM_SEED=%zu build/release/bin/sim_campaign\n", std::size_t{seed},
                std::size_t{seed});
    for (const std::string& one : findings) ADD_FAILURE() << "world " << seed << ": " << one;
    return;
  }
  std::printf("%zu runs in %zu worlds, %zu attempts, %zu writes, %zu faults: nothing found\n", tally_.runs,
              tally_.worlds, tally_.attempts, tally_.writes, tally_.faults);
  expect_all_kinds();
}

}  // namespace
}  // namespace atelier::sim
