// A workspace that follows its image through three versions, and an operator that crashes: the storage never sees two
// images under one number, and what is live in the end is the newest.
#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <set>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

using nlohmann::json;
using testing::digest;

constexpr const char* kRepository = "registry/ws-1";
constexpr std::size_t kStep = 3;  // of the writes
constexpr Millis kLongest{900'000};

enum class Crash { before, after, late };

// As the publisher keeps it: a number for the order, and what is live.
struct Storage {
  std::uint64_t newest = 0;
  std::string live;
  std::map<std::uint64_t, std::set<std::string>> seen;  // images by number
  int superseded = 0;

  Script publish(const json& pod) {
    const json& command = pod["spec"]["containers"][0]["command"];
    std::uint64_t sequence = 0;
    for (std::size_t i = 0; i + 1 < command.size(); ++i) {
      if (command[i] == "--sequence") sequence = std::stoull(command[i + 1].get<std::string>());
    }
    const auto image = pod["spec"]["initContainers"][1]["image"].get<std::string>();
    seen[sequence].insert(image);
    if (sequence < newest) {
      ++superseded;
      const json late = {
          {"ok", false}, {"reason", "Superseded"}, {"message", "late"}, {"newest", std::to_string(newest)}};
      return {Millis{1'000}, 40, late.dump(), "", ""};
    }
    newest = sequence;
    live = image;
    const json said = {{"ok", true}, {"release", std::string(64, image.back())}, {"files", 3}, {"bytes", 1234}};
    return {Millis{1'000}, 0, said.dump(), "", ""};
  }
};

struct Followed {
  Followed()
      : world(seeds(1).front(), [this](const json& pod) {
          const bool publishes = pod["metadata"]["labels"].value(render::kComponent, "") == render::kPublish;
          return publishes ? storage.publish(pod) : platform_script(pod);
        }) {
    world.registry.repositories[kRepository] = {{"1.0.0", digest('1')}};
    make_platform(world);
    const json follow = {
        {"spec", {{"image", {{"tag", nullptr}, {"follow", {{"semver", "1.x"}, {"interval", "1m"}}}}}}}};
    world.model.patch(kind_of("workspaces"), kWorkspace, PatchKind::merge, follow);
  }

  void push(const std::string& tag, char digit) {
    world.note("== push " + tag);
    world.registry.repositories[kRepository][tag] = digest(digit);
    world.registry.poll();
  }

  json workspace() const { return world.find("workspaces", kWorkspace); }

  bool is_live(char digit) const {
    const std::string image = std::string(kRepository) + "@" + digest(digit);
    const json now = workspace();
    return is_published(world) && storage.live == image &&
           now.value(json::json_pointer("/status/release/imageDigest"), "") == image &&
           now.value(json::json_pointer("/status/image/digest"), "") == digest(digit);
  }

  void comes_live(char digit) {
    EXPECT_TRUE(world.run_until([&] { return is_live(digit); }, kLongest)) << "image " << digit << " is not live";
  }

  // Three versions, one after the other; then rest.
  void play() {
    world.start_operator();
    comes_live('1');
    push("1.1.0", '2');
    comes_live('2');
    push("1.2.0", '3');
    comes_live('3');
    world.run_for(Millis{120'000});
    EXPECT_TRUE(is_live('3'));
    for (const auto& [sequence, images] : storage.seen) {
      EXPECT_EQ(images.size(), 1U) << "publish " << sequence << " was of several images";
    }
    const std::size_t writes = world.network.writes();
    world.run_for(Millis{300'000});
    EXPECT_LE(world.network.writes() - writes, 1U) << "but for an Event that was said again";
  }

  Storage storage;
  SimWorld world;
};

class Follow : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_F(Follow, RollsEachVersionOnceWithoutTrouble) {
  Followed story;
  story.play();
  EXPECT_EQ(story.storage.superseded, 0);
  EXPECT_EQ(story.storage.seen.size(), 3U);
  EXPECT_EQ(story.workspace()["status"]["sequenceOffset"], 3);
}

TEST_F(Follow, EndsWithTheNewestWhereverTheOperatorCrashes) {
  Followed calm;
  calm.play();
  const std::size_t writes = calm.world.network.writes();
  ASSERT_GT(writes, 20U);
  for (std::size_t write = 1; write <= writes && !HasFailure(); write += between_crashes(kStep)) {
    for (const Crash crash : {Crash::before, Crash::after, Crash::late}) {
      SCOPED_TRACE("crash " + std::to_string(static_cast<int>(crash)) + " at write " + std::to_string(write));
      Followed story;
      story.world.network.set_hook([&](const http::Request&, std::size_t index, Phase phase) {
        if (index != write || phase != (crash == Crash::after ? Phase::after : Phase::before)) return Fate::deliver;
        story.world.crash_soon();
        return crash == Crash::late ? Fate::late : Fate::lose;
      });
      story.play();
      if (HasFailure()) std::puts(story.world.trace(400).c_str());
    }
  }
}

TEST_F(Follow, PublishesAgainAfterStatusWasLost) {
  Followed story;
  story.play();
  ASSERT_FALSE(HasFailure());
  story.world.note("== status is lost");
  story.world.model.patch(kind_of("workspaces"), kWorkspace, PatchKind::merge, {{"status", nullptr}}, "status");
  story.comes_live('3');
  story.push("1.3.0", '4');
  story.comes_live('4');
  EXPECT_GT(story.storage.superseded, 0) << "the number was too low, and was caught up";
  if (HasFailure()) std::puts(story.world.trace(400).c_str());
}

TEST_F(Follow, KeepsWhatIsLiveWhileTheRegistryIsAway) {
  Followed story;
  story.play();
  story.world.registry.fails = Error{Errc::transport, "connection refused"};
  story.world.registry.poll();
  story.world.run_for(Millis{600'000});
  EXPECT_TRUE(story.is_live('3'));
  story.world.crash();
  story.world.start_operator();
  story.world.run_for(Millis{60'000});
  EXPECT_TRUE(story.is_live('3'));
  story.world.registry.fails.reset();
  story.push("1.3.0", '4');
  story.comes_live('4');
}

}  // namespace
}  // namespace atelier::sim
