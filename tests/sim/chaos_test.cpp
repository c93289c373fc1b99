// Random faults for a minute of a run's life: lost requests and answers, late writes, crashes, broken watches,
// compactions; and people who cancel, delete or kill in the middle. Then the network heals, and all must be well.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "base/log.h"
#include "render/labels.h"
#include "sim/fixtures.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

enum class People { nobody, cancel, delete_run, delete_a_pod };

class Chaos : public ::testing::TestWithParam<People> {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

constexpr Millis kFaults{60'000};

class Story {
 public:
  Story(std::uint64_t seed, People people) : people_(people), chance_(seed * 7 + 5), world_(seed, platform_script) {}

  void play() {
    world_.network.set_hook([this](const http::Request&, std::size_t, Phase phase) { return fate(phase); });
    make_platform(world_);
    make_diamond(world_);
    make_run(world_, kRunKey.name);
    world_.start_operator();
    disturb();
    const Millis when = chance_.between(Millis{500}, Millis{50'000});
    const auto timer = world_.loop.after(when, [this] { interfere(); });
    world_.run_for(kFaults);
    calm_ = true;
    ended_ = world_.run_until([this] { return over(); }, Millis{900'000});
    world_.run_for(Millis{150'000});
    const std::size_t writes = world_.network.writes();
    world_.run_for(Millis{180'000});
    restless_ = world_.network.writes() - writes;
  }

  void check() {
    EXPECT_TRUE(ended_) << "not over";
    EXPECT_EQ(restless_, 0U) << "writes although nothing happens";
    std::map<std::string, int> starts;
    for (const Node::Start& start : world_.node.starts()) ++starts[start.name];
    for (const auto& [pod, times] : starts) {
      if (!pod.starts_with("publish-")) EXPECT_EQ(times, 1) << pod << " was started again";
    }
    for (const Object& pod : world_.all("pods")) {
      EXPECT_FALSE((*pod)["metadata"].contains("finalizers")) << (*pod)["metadata"]["name"];
      const std::string phase = (*pod)["status"]["phase"].get<std::string>();
      EXPECT_TRUE(phase == "Succeeded" || phase == "Failed") << "a pod still runs: " << (*pod)["metadata"]["name"];
      EXPECT_NE(people_, People::delete_run) << "a pod outlived its run";
    }
    const std::string now = phase();
    switch (people_) {
      case People::nobody:
        EXPECT_EQ(now, "Succeeded");
        EXPECT_EQ(starts.size(), 7U);
        break;
      case People::cancel:
        EXPECT_TRUE(now == "Succeeded" || now == "Cancelled") << now;
        break;
      case People::delete_run:
        EXPECT_EQ(now, "");
        break;
      case People::delete_a_pod:
        EXPECT_TRUE(now == "Succeeded" || now == "Failed") << now;
        break;
    }
    EXPECT_EQ(world_.find("workspaces", kWorkspace).value(json::json_pointer("/status/conditions/0/status"), ""),
              "True");
  }

  std::string trace() const { return world_.trace(2'000); }

 private:
  Fate fate(Phase phase) {
    if (calm_) return Fate::deliver;
    if (chance_.chance(0.01)) {
      world_.crash_soon();
      return phase == Phase::before && chance_.chance(0.5) ? Fate::late : Fate::lose;
    }
    if (phase == Phase::before && chance_.chance(0.02)) return Fate::late;
    return chance_.chance(0.06) ? Fate::lose : Fate::deliver;
  }

  void disturb() {
    disturbance_ = world_.loop.after(chance_.between(Millis{100}, Millis{8'000}), [this] {
      if (calm_) return;
      if (chance_.chance(0.5)) world_.model.compact();
      world_.note("== all watches break");
      world_.network.break_watches("broken");
      disturb();
    });
  }

  void interfere() {
    const Kind& runs = kind_of("pipelineruns");
    if (world_.find("pipelineruns", kRunKey).is_null()) return;
    world_.note("== somebody interferes");
    if (people_ == People::cancel) {
      world_.model.patch(runs, kRunKey, PatchKind::merge, {{"spec", {{"cancel", {{"reason", "enough"}}}}}});
    } else if (people_ == People::delete_run) {
      world_.model.remove(runs, kRunKey, {});
    } else if (people_ == People::delete_a_pod) {
      for (const Object& pod : world_.all("pods")) {
        const json& metadata = (*pod)["metadata"];
        if (metadata["labels"].value(render::kComponent, "") != render::kTask) continue;
        world_.model.remove(kind_of("pods"), {kRunKey.ns, metadata["name"].get<std::string>()}, {});
        return;
      }
    }
  }

  std::string phase() const {
    const json run = world_.find("pipelineruns", kRunKey);
    return run.is_null() ? "" : run.value(json::json_pointer("/status/phase"), "");
  }
  bool over() const {
    const json run = world_.find("pipelineruns", kRunKey);
    return run.is_null() || phase() == "Succeeded" || phase() == "Failed" || phase() == "Cancelled";
  }

  People people_;
  SimRandom chance_;
  SimWorld world_;
  std::unique_ptr<Timer> disturbance_;
  bool calm_ = false;
  bool ended_ = false;
  std::size_t restless_ = 0;
};

TEST_P(Chaos, AllIsWellInTheEnd) {
  const char* text = std::getenv("ATELIER_SIM_SEED");
  const std::uint64_t first = text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
  const char* many = std::getenv("ATELIER_SIM_COUNT");
  const std::uint64_t count = many != nullptr ? std::strtoull(many, nullptr, 10) : text != nullptr ? 1 : 25;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE("ATELIER_SIM_SEED=" + std::to_string(seed));
    Story story{seed, GetParam()};
    story.play();
    story.check();
    if (HasFailure()) {
      std::puts(story.trace().c_str());
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(With, Chaos,
                         ::testing::Values(People::nobody, People::cancel, People::delete_run, People::delete_a_pod),
                         [](const auto& info) {
                           switch (info.param) {
                             case People::nobody:
                               return "nobody";
                             case People::cancel:
                               return "cancel";
                             case People::delete_run:
                               return "deleteRun";
                             case People::delete_a_pod:
                               break;
                           }
                           return "deleteAPod";
                         });

}  // namespace
}  // namespace atelier::sim
