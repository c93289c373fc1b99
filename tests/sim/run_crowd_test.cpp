// Many runs of one pipeline at the same moment: they share its ControllerRevision, the operator and its workspace.
#include <gmock/gmock.h>

#include <cstdio>
#include <map>

#include "atelier/base/log.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

constexpr int kRuns = 30;
constexpr Millis kLongest{120'000};

// Whether they wait for the workspace's first release, or are made when all is ready.
class RunCrowd : public ::testing::TestWithParam<bool> {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_P(RunCrowd, AllSucceedSoonAndStartEveryTaskOnce) {
  const bool waits = GetParam();
  SimWorld world{seeds(1).front(), platform_script};
  make_platform(world);
  make_diamond(world);
  if (!waits) {
    world.start_operator();
    ASSERT_TRUE(world.run_until([&] { return is_published(world); }, kLongest));
    world.run_for(Millis{5'000});
  }
  const std::size_t requests = world.network.requests();
  for (int i = 0; i < kRuns; ++i) make_run(world, "crowd-" + std::to_string(i));
  if (waits) world.start_operator();
  const auto all_over = [&] {
    for (int i = 0; i < kRuns; ++i) {
      if (!is_over(phase_of(world, "crowd-" + std::to_string(i)))) return false;
    }
    return true;
  };
  EXPECT_TRUE(world.run_until(all_over, kLongest));
  for (int i = 0; i < kRuns; ++i) EXPECT_EQ(phase_of(world, "crowd-" + std::to_string(i)), "Succeeded") << i;
  std::map<std::string, int> starts;
  for (const Node::Start& start : world.node.starts()) ++starts[start.name];
  EXPECT_EQ(starts.size(), 1U + 6U * kRuns);
  for (const auto& [pod, times] : starts) EXPECT_EQ(times, 1) << pod;
  EXPECT_LE(world.network.requests() - requests, kRuns * play(1).requests) << "they are in each other's way";
  if (HasFailure()) std::puts(world.trace().c_str());
}

INSTANTIATE_TEST_SUITE_P(Runs, RunCrowd, ::testing::Bool(),
                         [](const auto& given) { return given.param ? "waitingForARelease" : "ofAReadyPipeline"; });

}  // namespace
}  // namespace atelier::sim
