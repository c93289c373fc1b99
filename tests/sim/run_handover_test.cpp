// What the next operator does with the pods of one that was stopped, and of one that crashed.
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

constexpr Millis kLongest{300'000};

// How long after the end of a run its last pod was let go by an operator that began to lead just before the run.
Millis held_for(const std::function<void(SimWorld&)>& replace) {
  SimWorld world{seeds(1).front(), platform_script};
  make_platform(world);
  make_diamond(world);
  world.start_operator();
  world.run_until([&] { return is_published(world); }, kLongest);
  world.run_for(Millis{120'000});
  replace(world);
  make_run(world, kRunKey.name);
  EXPECT_TRUE(world.run_until([&] { return is_over(phase_of(world, kRunKey.name)); }, kLongest));
  const Millis ended = world.loop.elapsed();
  EXPECT_TRUE(world.run_until(
      [&] {
        for (const Object& pod : world.all("pods")) {
          const auto& metadata = (*pod)["metadata"];
          if (metadata["labels"].value(render::kComponent, "") == render::kTask && metadata.contains("finalizers")) {
            return false;
          }
        }
        return true;
      },
      kLongest));
  return world.loop.elapsed() - ended;
}

class RunHandover : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_F(RunHandover, OneThatStoppedAtRestLeavesNothingToWaitFor) {
  EXPECT_LT(held_for([](SimWorld& world) {
              world.restart_soon();
              world.run_for(Millis{5'000});
            }),
            Millis{2'000});
}

TEST_F(RunHandover, OneThatStoppedAtWorkMayHaveSentWhatComesLate) {
  EXPECT_GT(held_for([stopped = false](SimWorld& world) mutable {
              world.network.set_hook([&](const http::Request& request, std::size_t, Phase phase) {
                const bool creates = request.method == http::Method::post && request.target.ends_with("/pods");
                if (!creates || phase != Phase::before || std::exchange(stopped, true)) return Fate::deliver;
                world.restart_soon();
                return Fate::late;
              });
            }),
            Millis{30'000});
}

TEST_F(RunHandover, OneThatCrashedMayHaveSentAnything) {
  EXPECT_GT(held_for([](SimWorld& world) {
              world.crash_soon();
              world.run_for(Millis{20'000});
            }),
            Millis{30'000});
}

}  // namespace
}  // namespace atelier::sim
