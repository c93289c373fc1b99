#include "sim/crash_points.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace atelier::sim {
namespace {

const char* to_text(Crash crash) {
  switch (crash) {
    case Crash::before:
      return "before";
    case Crash::after:
      return "after";
    case Crash::late:
      break;
  }
  return "with a late arrival of";
}

}  // namespace

Ending play_crash(const Story& story, std::uint64_t seed, Crash crash, std::size_t at_write) {
  return play(story, seed, [=](SimWorld& world) {
    world.network.set_hook([&world, crash, at_write](const http::Request&, std::size_t index, Phase phase) {
      const Phase when = crash == Crash::after ? Phase::after : Phase::before;
      if (index != at_write || phase != when) return Fate::deliver;
      world.crash_soon();
      return crash == Crash::late ? Fate::late : Fate::lose;
    });
  });
}

void crash_at_every_write(const Story& story, std::size_t least) {
  const std::uint64_t seed = seeds(1).front();
  const Ending reference = play(story, seed);
  ASSERT_TRUE(reference.ended) << reference.trace;
  ASSERT_GT(reference.writes, least);
  Ending of_late = reference;
  forget_publishes(of_late);
  for (std::size_t write = 1; write <= reference.writes; write += between_crashes()) {
    for (const Crash crash : {Crash::before, Crash::after, Crash::late}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ": a crash " + to_text(crash) + " write " + std::to_string(write));
      Ending ending = play_crash(story, seed, crash, write);
      if (crash == Crash::late) forget_publishes(ending);
      expect_same(crash == Crash::late ? of_late : reference, ending);
      if (::testing::Test::HasFailure()) {
        std::puts(ending.trace.c_str());
        return;
      }
    }
  }
}

}  // namespace atelier::sim
