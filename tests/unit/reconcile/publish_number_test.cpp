// The number of a publish, by which the storage holds an older one off.
#include <gtest/gtest.h>

#include <utility>

#include "unit/reconcile/following_world.h"

namespace atelier::reconcile {
namespace {

using testing::Following;
using testing::ready_reason;

TEST(PublishNumber, GrowsWithEachImageAndEachGenerationAndNeverFalls) {
  Following world;
  std::int64_t before = 0;
  const auto grows = [&] {
    const std::int64_t now = std::stoll(world.sequence());
    const bool more = now > before;
    before = now;
    return more;
  };
  world.answers("1.2.3", '1');
  world.commit(world.decide());
  EXPECT_TRUE(grows());
  world.answers("1.2.4", '2');
  world.commit(world.decide());
  EXPECT_TRUE(grows());
  world.edit();
  EXPECT_TRUE(grows());
  world.workspace.spec.image.follow.reset();
  world.workspace.spec.image.tag = "1.2.4";
  world.edit();
  world.commit(world.decide());
  EXPECT_TRUE(grows());
  world.workspace.spec.image.follow.emplace().semver = "^1";
  world.workspace.spec.image.tag.clear();
  world.edit();
  world.commit(world.decide());
  EXPECT_TRUE(grows());
}

TEST(PublishNumber, CatchesUpWithTheStorageAfterStatusWasLost) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.workspace.status = {};  // restored without it
  world.answers("1.2.3", '1');
  world.commit(world.decide());
  ASSERT_EQ(world.sequence(), "4");
  world.pod_fails("publish", 40,
                  R"({"ok":false,"reason":"Superseded","message":"publish 4 comes too late","newest":"17"})");
  world.pod->containers = std::exchange(world.pod->init_containers, {});
  const auto superseded = world.decide();
  EXPECT_EQ(ready_reason(superseded), "False Superseded");
  EXPECT_EQ(superseded.status.sequence_offset, 15);
  world.commit(superseded);
  EXPECT_EQ(world.sequence(), "18");
  EXPECT_EQ(world.decide().status.sequence_offset, 15) << "once";
}

TEST(PublishNumber, TakesNoNumberThatLeavesNoRoom) {
  for (const char* newest : {"9223372036854775807", "18446744073709551615", "9007199254740992", "-5", "x", "1e3", ""}) {
    Following world;
    world.answers("1.2.3", '1');
    world.commit(world.decide());
    world.pod_fails("publish", 40,
                    R"({"reason":"Superseded","message":"late","newest":")" + std::string(newest) + R"("})");
    world.pod->containers = std::exchange(world.pod->init_containers, {});
    EXPECT_EQ(world.decide().status.sequence_offset, 1) << newest;
  }
}

}  // namespace
}  // namespace atelier::reconcile
