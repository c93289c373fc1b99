// etcd is restored from a backup under an operator that lives: what it has seen and remembers is of what is no more.
#include <gtest/gtest.h>

#include <cstdio>

#include "atelier/base/log.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

class Restore : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
  void TearDown() override {
    if (HasFailure()) std::puts(world.trace().c_str());
  }
  bool runs_to_its_end() {
    make_run(world, kRunKey.name);
    return world.run_until([this] { return is_over(phase_of(world, kRunKey.name)); }, Millis{240'000});
  }

  SimWorld world{seeds(1).front(), platform_script};
};

TEST_P(Restore, EndsTheOperatorAndTheNextOneGoesOnFromWhatThereIs) {
  make_platform(world);
  make_diamond(world);
  world.start_operator();
  ASSERT_TRUE(world.run_until([this] { return is_published(world); }, Millis{60'000}));
  world.run_for(Millis{5'000});
  const std::uint64_t backup = world.model.store().version();
  ASSERT_TRUE(runs_to_its_end());
  world.run_for(Millis{30'000});
  world.restore(backup, GetParam());
  ASSERT_TRUE(world.find("pipelineruns", kRunKey).is_null());
  EXPECT_TRUE(runs_to_its_end()) << "a run of the same name";
  EXPECT_EQ(phase_of(world, kRunKey.name), "Succeeded");
  EXPECT_EQ(world.losses(), 1) << "the operator ended itself";
  EXPECT_NE(world.running(), nullptr);
}

INSTANTIATE_TEST_SUITE_P(OfEtcd, Restore, ::testing::Values(0, 1'000'000),
                         [](const auto& given) { return given.param == 0 ? "ToOldVersions" : "WithBumpedVersions"; });

}  // namespace
}  // namespace atelier::sim
