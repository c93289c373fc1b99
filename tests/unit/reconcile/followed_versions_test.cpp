// A version is a promise: whatever a registry makes of its name, what was chosen under it stays.
#include <gtest/gtest.h>

#include "unit/reconcile/following_world.h"

namespace atelier::reconcile {
namespace {

using atelier::testing::digest;
using testing::followed;
using testing::Following;
using testing::holds;
using testing::message;
using testing::ready_reason;
using testing::tells;

TEST(FollowedVersions, AreNotFollowedToAnotherImage) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.answers("1.2.3", '2');
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False TagMutated");
  EXPECT_TRUE(holds(message(decision), digest('1')) && holds(message(decision), digest('2')));
  EXPECT_TRUE(tells(decision, "TagMutated"));
  EXPECT_EQ(decision.status.image, world.workspace.status.image);
  EXPECT_EQ(ready_reason(decision), "True Published");
  world.commit(decision);
  EXPECT_TRUE(world.decide().notes.empty());
  world.answers("1.2.4", '3');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->tag, "1.2.4") << "the next version mends it";
}

TEST(FollowedVersions, AreKnownAfterTheyWereLive) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.live("1.3.0", '2', "222222222222bbbb");
  world.answers("1.2.3", '1');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->tag, "1.2.3") << "the newest was deleted";
  world.live("1.2.3", '1', "111111111111aaaa");
  world.answers("1.3.0", '3');
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False TagMutated");
  EXPECT_TRUE(holds(message(decision), "registry/ws:1.2.3 stays")) << message(decision);
  EXPECT_EQ(decision.status.image, world.workspace.status.image);
  world.answers("1.3.0", '2');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->tag, "1.3.0") << "it is what it was";
}

TEST(FollowedVersions, AreOneUnderEachOfTheirNames) {
  Following world;
  world.live("v1.2.3", '1', "111111111111aaaa");
  world.answers("1.2.3", '2');
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False TagMutated");
  EXPECT_TRUE(holds(message(decision), "tag v1.2.3 was " + digest('1'))) << message(decision);
  EXPECT_TRUE(holds(message(decision), "as 1.2.3, " + digest('2'))) << message(decision);
  world.answers("1.2.3", '1');
  EXPECT_EQ(followed(world.decide()), "True Following");
}

TEST(FollowedVersions, AreTakenAnewByAnotherRule) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.edit();
  world.rule().semver = "~1.2";
  world.answers("1.2.3", '2');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->digest, digest('2')) << "a person has changed the rule";
}

}  // namespace
}  // namespace atelier::reconcile
