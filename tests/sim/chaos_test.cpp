// Random faults for a minute of a run's life: lost requests and answers, error answers, late writes, crashes, broken
// watches and watches that stand still, compactions; and people who cancel, delete or kill in the middle. Then the
// network heals, and all must be well.
#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <map>
#include <optional>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/refusal.h"
#include "sim/run_story.h"

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
    world_.network.set_errors([this](const http::Request& request, Phase phase) { return error(request, phase); });
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
    requests_ = world_.network.requests();
    world_.run_for(Millis{300'000});  // until an Event that was said again is written, at the latest
    const std::size_t writes = world_.network.writes();
    const std::size_t reads = world_.network.reads();
    world_.run_for(Millis{180'000});
    restless_writes_ = world_.network.writes() - writes;
    restless_reads_ = world_.network.reads() - reads;
  }

  void check() {
    EXPECT_TRUE(ended_) << "not over";
    EXPECT_EQ(restless_writes_, 0U) << "writes although nothing happens";
    EXPECT_EQ(restless_reads_, 0U) << "reads although nothing happens";
    EXPECT_LE(requests_, most_requests()) << "a storm of requests";
    std::map<std::string, int> starts;
    for (const Node::Start& start : world_.node.starts()) {
      ++starts[start.name];
      EXPECT_FALSE(start.again) << start.name << " was started although its task had succeeded";
    }
    for (const auto& [pod, times] : starts) {
      if (!pod.starts_with("publish-")) {
        EXPECT_EQ(times, 1) << pod << " was started again";
      }
    }
    for (const Object& pod : world_.all("pods")) {
      EXPECT_FALSE((*pod)["metadata"].contains("finalizers")) << (*pod)["metadata"]["name"];
      const std::string phase = (*pod)["status"]["phase"].get<std::string>();
      EXPECT_TRUE(phase == "Succeeded" || phase == "Failed") << "a pod still runs: " << (*pod)["metadata"]["name"];
      EXPECT_NE(people_, People::delete_run) << "a pod outlived its run";
    }
    const std::string now = phase_of(world_, kRunKey.name);
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
        EXPECT_EQ(now, fatal_ ? "Failed" : "Succeeded") << "killed: " << victim_;
        break;
    }
    EXPECT_TRUE(is_published(world_));
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

  std::optional<http::Response> error(const http::Request& request, Phase phase) {
    if (calm_ || !chance_.chance(0.03)) return std::nullopt;
    if (phase == Phase::after && request.method == http::Method::get) return std::nullopt;
    if (phase == Phase::after || chance_.chance(0.5)) return Refusal{500, "InternalError", "etcd timed out"}.response();
    http::Response busy = Refusal{429, "TooManyRequests", "try again later"}.response();
    busy.headers.emplace_back("retry-after", "1");
    return busy;
  }

  void disturb() {
    disturbance_ = world_.loop.after(chance_.between(Millis{100}, Millis{8'000}), [this] {
      if (calm_) return;
      if (chance_.chance(0.5)) world_.model.compact();
      world_.note("== all watches break");
      world_.network.break_watches("broken");
      const char* const late = kLate[chance_.next() % kLate.size()];
      world_.note(std::string("== late: ") + late);
      world_.network.lag(late, world_.model.store().version(), chance_.between(Millis{100}, Millis{20'000}));
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
      kill();
    }
  }

  void kill() {
    std::vector<Object> pods = world_.all("pods");
    std::erase_if(pods, [](const Object& pod) {
      return (*pod)["metadata"]["labels"].value(render::kComponent, "") != render::kTask;
    });
    if (pods.empty()) return;
    const json& pod = *pods[chance_.next() % pods.size()];
    const json& metadata = pod["metadata"];
    const std::string phase = pod["status"]["phase"].get<std::string>();
    victim_ = metadata["name"].get<std::string>() + ", " + phase;
    // Of what has ended the outcome stands, and c is tried again.
    fatal_ = phase != "Succeeded" && phase != "Failed" && metadata["labels"][render::kTaskName] != "c";
    world_.note("== killed: " + victim_);
    world_.model.remove(kind_of("pods"), {kRunKey.ns, metadata["name"].get<std::string>()}, {});
  }

  bool over() const {
    return world_.find("pipelineruns", kRunKey).is_null() || is_over(phase_of(world_, kRunKey.name));
  }

  static constexpr std::array kLate{"pipelineruns", "pods", "controllerrevisions", "pipelines", "workspaces"};

  People people_;
  SimRandom chance_;
  SimWorld world_;
  std::unique_ptr<Timer> disturbance_;
  bool calm_ = false;
  bool ended_ = false;
  std::string victim_;
  bool fatal_ = false;
  std::size_t requests_ = 0;
  std::size_t restless_writes_ = 0;
  std::size_t restless_reads_ = 0;
};

TEST_P(Chaos, AllIsWellInTheEnd) {
  for (const std::uint64_t seed : seeds(25)) {
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
                         [](const auto& given) {
                           switch (given.param) {
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
