// A workspace whose profile lets two runs be under way at a time, and an operator that crashes: never more than two
// have pods at work, none is lost, and none waits for ever.
#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <memory>
#include <set>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr int kPlaces = 2;
constexpr int kRuns = 6;
constexpr std::size_t kStep = 41;  // of the writes: all of them take minutes
constexpr Millis kLongest{1'800'000};

enum class Crash { before, after, late };

std::string name_of(int run) { return "line-" + std::to_string(run); }

// A deleted pod whose grace is over has nothing that runs: only a finalizer is left of it.
std::set<std::string> at_work(const SimWorld& world) {
  std::set<std::string> out;
  for (const Object& pod : world.all("pods")) {
    const json& labels = (*pod)["metadata"]["labels"];
    const std::string phase = pod->value(json::json_pointer("/status/phase"), "");
    if ((*pod)["metadata"].value("deletionGracePeriodSeconds", -1) == 0) continue;
    if (labels.value(render::kComponent, "") != render::kTask || phase == "Succeeded" || phase == "Failed") continue;
    out.insert(labels.value(render::kRunUid, ""));
  }
  return out;
}

struct Story {
  std::size_t most = 0;  // runs with pods at work at a time
  std::map<std::string, std::string> phases;
  std::map<std::string, int> starts;
  json places;  // of the workspace, after all
  std::size_t writes = 0;
  std::string trace;
};

// `trouble` is called before the operator starts. With `people`, one run is cancelled while it waits and another, which
// is under way, is deleted.
Story play_line(const std::function<void(SimWorld&)>& trouble, bool people = false) {
  SimWorld world{seeds(1).front(), platform_script};
  make_platform(world, kPlaces);
  make_diamond(world);
  for (int i = 0; i < kRuns; ++i) make_run(world, name_of(i));
  trouble(world);
  world.start_operator();
  Story out;
  const auto watched = [&](const std::function<bool()>& reached) {
    return world.run_until(
        [&] {
          out.most = std::max(out.most, at_work(world).size());
          return reached();
        },
        kLongest);
  };
  const auto names_with = [&world](const std::string& phase) {
    std::vector<std::string> found;
    for (int i = 0; i < kRuns; ++i) {
      if (phase_of(world, name_of(i)) == phase) found.push_back(name_of(i));
    }
    return found;
  };
  if (people) {
    EXPECT_TRUE(watched([&] { return !names_with("Running").empty() && names_with("Pending").size() > 2; }));
    const json cancel = {{"spec", {{"cancel", {{"reason", "not today"}}}}}};
    const Kind& runs = kind_of("pipelineruns");
    world.model.patch(runs, {kRunKey.ns, names_with("Pending").back()}, PatchKind::merge, cancel);
    world.model.remove(runs, {kRunKey.ns, names_with("Running").front()}, {});
  }
  EXPECT_TRUE(watched([&] {
    for (const Object& run : world.all("pipelineruns")) {
      if (!is_over(run->value(json::json_pointer("/status/phase"), ""))) return false;
    }
    return true;
  })) << "a run waits for ever";
  world.run_for(Millis{60'000});
  for (const Object& run : world.all("pipelineruns")) {
    out.phases[(*run)["metadata"]["name"]] = (*run)["status"]["phase"];
  }
  for (const Node::Start& start : world.node.starts()) ++out.starts[start.name];
  out.places = world.find("workspaces", kWorkspace).value(json::json_pointer("/status/places"), json::array());
  out.writes = world.network.writes();
  out.trace = world.trace(1'000);
  return out;
}

void nothing(SimWorld&) {}

void crash_at(SimWorld& world, Crash crash, std::size_t at_write) {
  world.network.set_hook([&world, crash, at_write](const http::Request&, std::size_t index, Phase phase) {
    if (index != at_write || phase != (crash == Crash::after ? Phase::after : Phase::before)) return Fate::deliver;
    world.crash_soon();
    return crash == Crash::late ? Fate::late : Fate::lose;
  });
}

// Another operator takes over, and is shown these resources as they were at some moment before.
void take_over_late(SimWorld& world, const std::vector<const char*>& resources, SimRandom& chance) {
  world.crash();
  for (const char* plural : resources) {
    const std::uint64_t old = 1 + chance.next() % world.model.store().version();
    world.note(std::string("== ") + plural + " are shown as of " + std::to_string(old));
    world.network.lag(plural, old, chance.between(Millis{16'000}, Millis{40'000}));
  }
  world.start_operator();
}

void expect_in_turn(const Story& story) {
  EXPECT_EQ(story.most, static_cast<std::size_t>(kPlaces));
  EXPECT_EQ(story.phases.size(), static_cast<std::size_t>(kRuns));
  for (const auto& [run, phase] : story.phases) EXPECT_EQ(phase, "Succeeded") << run;
  for (const auto& [pod, times] : story.starts) {
    if (!pod.starts_with("publish-")) {
      EXPECT_EQ(times, 1) << pod;
    }
  }
  EXPECT_THAT(story.places, ::testing::IsEmpty());
}

class RunPlaces : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_F(RunPlaces, AreNeverMoreThanTheProfileSaysWhereverTheOperatorCrashes) {
  const std::size_t writes = play_line(nothing).writes;
  ASSERT_GT(writes, 100U);
  for (std::size_t write = 1; write <= writes && !HasFailure(); write += between_crashes(kStep)) {
    for (const Crash crash : {Crash::before, Crash::after, Crash::late}) {
      SCOPED_TRACE("crash " + std::to_string(static_cast<int>(crash)) + " at write " + std::to_string(write));
      const Story story = play_line([=](SimWorld& world) { crash_at(world, crash, write); });
      expect_in_turn(story);
      if (HasFailure()) std::puts(story.trace.c_str());
    }
  }
}

TEST_F(RunPlaces, AreNeverMoreForAnOperatorThatTakesOverWithOldCaches) {
  const std::vector<std::vector<const char*>> views = {
      {"workspaces"}, {"pipelineruns"}, {"pods"}, {"workspaces", "pipelineruns", "pipelines", "pods"}};
  for (const std::uint64_t seed : seeds(8)) {
    SCOPED_TRACE("ATELIER_SIM_SEED=" + std::to_string(seed));
    SimRandom chance{seed};
    std::unique_ptr<Timer> timer;
    const Story story = play_line([&](SimWorld& world) {
      timer = world.loop.after(chance.between(Millis{4'000}, Millis{30'000}),
                               [&] { take_over_late(world, views[seed % views.size()], chance); });
    });
    expect_in_turn(story);
    if (HasFailure()) {
      std::puts(story.trace.c_str());
      return;
    }
  }
}

TEST_F(RunPlaces, AreFreeAgainWhenARunIsCancelledOrDeleted) {
  const Story story = play_line(nothing, true);
  EXPECT_EQ(story.most, static_cast<std::size_t>(kPlaces));
  std::map<std::string, int> ends;
  for (const auto& [run, phase] : story.phases) ++ends[phase];
  EXPECT_EQ(ends, (std::map<std::string, int>{{"Cancelled", 1}, {"Succeeded", kRuns - 2}}));
  EXPECT_THAT(story.places, ::testing::IsEmpty());
  if (HasFailure()) std::puts(story.trace.c_str());
}

}  // namespace
}  // namespace atelier::sim
