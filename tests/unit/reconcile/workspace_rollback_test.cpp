// Going back to a release that is on the storage.
#include <gtest/gtest.h>

#include "unit/reconcile/workspace_world.h"

namespace atelier::reconcile {
namespace {

using testing::ready_message;
using testing::ready_reason;
using World = testing::WorkspaceWorld;

constexpr const char* kFirst = "111111111111aaaa";
constexpr const char* kSecond = "222222222222bbbb";

// Two releases of two images were live, the second is.
struct Twice : World {
  Twice() {
    live(kFirst, "1", "registry/ws@sha256:11");
    live(kSecond, "2", "registry/ws@sha256:22");
  }

  void live(const std::string& id, const std::string& tag, const std::string& digest) {
    workspace.spec.image.tag = tag;
    pod_publishes(id);
    pod->storage.make().image = "registry/ws:" + tag;
    pod->init_containers[0].image_id = digest;
    commit(decide());
    pod.reset();
    commit(decide());
  }

  // The pod that goes back has ended well.
  void goes_back(const std::string& id) {
    const auto rendered = render::publish_pod(workspace, domain, stage_image);
    pod_publishes(id);
    pod->init_containers.clear();
    pod->storage.make().image = annotation(rendered, render::kImage);
    pod->storage.make().image_digest = annotation(rendered, render::kImageDigest);
  }
};

TEST(WorkspaceRollback, FormerReleasesAreKnownWithTheirImages) {
  const Twice world;
  const auto& known = world.workspace.status.releases;
  ASSERT_EQ(known.size(), 2U);
  EXPECT_EQ(known[0].id, kSecond);
  EXPECT_EQ(known[1].id, kFirst);
  EXPECT_EQ(known[1].image, "registry/ws:1");
  EXPECT_EQ(known[1].image_digest, "registry/ws@sha256:11");
}

TEST(WorkspaceRollback, MakesTheReleaseLiveWithTheImageItCameFrom) {
  Twice world;
  world.workspace.spec.dags.release = std::string(kFirst).substr(0, 12);
  const auto start = world.decide();
  ASSERT_TRUE(start.create_pod);
  EXPECT_EQ(ready_reason(start), "False Publishing");
  EXPECT_EQ(ready_message(start), "goes back to release 111111111111; release 222222222222 stays live");
  world.goes_back(kFirst);
  const auto done = world.decide();
  EXPECT_EQ(ready_reason(done), "True Published");
  EXPECT_NE(ready_message(done).find("stays so until spec.dags.release is removed"), std::string::npos);
  EXPECT_EQ(done.status.release->id, kFirst);
  EXPECT_EQ(done.status.release->image, "registry/ws:1");
  EXPECT_EQ(done.status.release->image_digest, "registry/ws@sha256:11");
  ASSERT_EQ(done.status.releases.size(), 2U);
  EXPECT_EQ(done.status.releases[0].id, kFirst);
}

TEST(WorkspaceRollback, RestsWhateverImageComes) {
  Twice world;
  world.workspace.spec.dags.release = kFirst;
  world.goes_back(kFirst);
  world.commit(world.decide());
  world.pod.reset();
  world.commit(world.decide());
  world.workspace.spec.image.tag = "3";
  EXPECT_FALSE(world.decide().create_pod);
  world.workspace.spec.dags.release.clear();
  EXPECT_TRUE(world.decide().create_pod) << "publishes what the image holds again";
}

TEST(WorkspaceRollback, ToWhatIsNotThereWaitsForSomebody) {
  Twice world;
  world.workspace.spec.dags.release = "333333333333";
  world.pod_fails("publish", 10,
                  R"({"ok":false,"reason":"ReleaseMissing","message":"there is no release 333333333333"})");
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False ReleaseMissing");
  EXPECT_NE(meta::find_condition(decision.status.conditions, "Stalled"), nullptr);
  EXPECT_EQ(decision.status.release->id, kSecond);
}

TEST(WorkspaceRollback, KnowsAsManyReleasesAsAreKept) {
  Twice world;
  world.workspace.spec.dags.keep_releases = 2;
  world.live("333333333333cccc", "3", "registry/ws@sha256:33");
  ASSERT_EQ(world.workspace.status.releases.size(), 2U);
  EXPECT_EQ(world.workspace.status.releases[1].id, kSecond);
}

TEST(WorkspaceRelease, ThatWasCopiedSaysSo) {
  World world;
  world.pod_publishes("abcdef0123456789");
  world.pod->containers[0].message = R"({"ok":true,"release":"abcdef0123456789","files":3,"bytes":9,"copied":true})";
  const auto decision = world.decide();
  EXPECT_TRUE(decision.status.release->copied);
  EXPECT_NE(ready_message(decision).find("files change one after the other"), std::string::npos);
}

}  // namespace
}  // namespace atelier::reconcile
