// The operator crashes at every write of a run, before it is applied, after it, and with the write arriving long
// after the crash; another takes over each time. The run must end as if nothing had happened.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "base/log.h"
#include "render/labels.h"
#include "sim/fixtures.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

enum class Crash { none, before, after, late };

const char* to_text(Crash crash) {
  switch (crash) {
    case Crash::none:
      return "no crash";
    case Crash::before:
      return "before";
    case Crash::after:
      return "after";
    case Crash::late:
      return "with a late arrival of";
  }
  return "";
}

struct Ending {
  json status;     // comparable
  json workspace;  // comparable
  std::size_t writes = 0;
  std::map<std::string, int> starts;  // by pod
  bool ended = false;
  std::size_t restless = 0;       // writes in the two minutes after the end, leases apart
  std::vector<std::string> held;  // pods with our finalizer
  std::string trace;
};

bool is_over(const json& run) {
  const std::string phase = run.value(json::json_pointer("/status/phase"), "");
  return phase == "Succeeded" || phase == "Failed" || phase == "Cancelled";
}

bool is_publish(const std::pair<const std::string, int>& start) { return start.first.starts_with("publish-"); }

Ending play(std::uint64_t seed, Crash crash, std::size_t at_write) {
  SimWorld world{seed, platform_script};
  world.network.set_hook([&](const http::Request&, std::size_t index, Phase phase) {
    if (crash == Crash::none || index != at_write) return Fate::deliver;
    if (phase == Phase::before && crash == Crash::after) return Fate::deliver;
    if (phase == Phase::after && crash != Crash::after) return Fate::deliver;
    world.crash_soon();
    return crash == Crash::late ? Fate::late : Fate::lose;
  });
  make_platform(world);
  make_diamond(world);
  make_run(world, kRunKey.name);
  world.start_operator();

  Ending out;
  out.ended = world.run_until([&] { return is_over(world.find("pipelineruns", kRunKey)); }, Millis{600'000});
  world.run_for(Millis{30'000});  // what follows the end: finalizers, events, a late write
  out.writes = world.network.writes();
  world.run_for(Millis{120'000});
  out.restless = world.network.writes() - out.writes;
  out.status = comparable(world.find("pipelineruns", kRunKey));
  out.workspace = comparable(world.find("workspaces", kWorkspace));
  for (const Node::Start& start : world.node.starts()) ++out.starts[start.name];
  for (const Object& pod : world.all("pods")) {
    for (const json& finalizer : (*pod)["metadata"].value("finalizers", json::array())) {
      if (finalizer == render::kResultFinalizer) out.held.push_back((*pod)["metadata"]["name"].get<std::string>());
    }
  }
  // Publishing is idempotent, and its pod may come again by a create that arrives late; an attempt may not.
  if (crash == Crash::late) std::erase_if(out.starts, is_publish);
  out.trace = world.trace();
  return out;
}

std::uint64_t seed_of_environment() {
  const char* text = std::getenv("ATELIER_SIM_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

class RunCrash : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }

  void same(const Ending& reference, const Ending& ending, Crash crash) {
    EXPECT_TRUE(ending.ended) << "the run did not end";
    EXPECT_EQ(ending.status, reference.status) << json::diff(reference.status, ending.status).dump(2);
    EXPECT_EQ(ending.workspace, reference.workspace) << json::diff(reference.workspace, ending.workspace).dump(2);
    for (const auto& [pod, times] : ending.starts) EXPECT_EQ(times, 1) << pod << " was started again";
    auto starts = reference.starts;
    if (crash == Crash::late) std::erase_if(starts, is_publish);
    EXPECT_EQ(ending.starts, starts) << "an attempt was started twice or not at all";
    EXPECT_THAT(ending.held, ::testing::IsEmpty()) << "pods still hold the finalizer";
    EXPECT_EQ(ending.restless, 0U) << "the system does not come to rest";
  }
};

TEST_F(RunCrash, EndsWithoutACrash) {
  const Ending ending = play(seed_of_environment(), Crash::none, 0);
  EXPECT_TRUE(ending.ended);
  EXPECT_EQ(ending.status.value("phase", ""), "Succeeded") << ending.status.dump(2);
  EXPECT_EQ(ending.starts.size(), 7U) << "a publish pod and six attempts";
  for (const auto& [pod, times] : ending.starts) EXPECT_EQ(times, 1) << pod;
  EXPECT_THAT(ending.held, ::testing::IsEmpty());
  EXPECT_EQ(ending.restless, 0U);
  if (HasFailure() || std::getenv("ATELIER_SIM_TRACE") != nullptr) std::puts(ending.trace.c_str());
}

TEST_F(RunCrash, IsDeterministic) { EXPECT_EQ(play(5, Crash::after, 7).trace, play(5, Crash::after, 7).trace); }

TEST_F(RunCrash, EndsTheSameWhereverTheOperatorCrashes) {
  const std::uint64_t seed = seed_of_environment();
  const Ending reference = play(seed, Crash::none, 0);
  ASSERT_TRUE(reference.ended) << reference.trace;
  ASSERT_GT(reference.writes, 20U);
  for (std::size_t write = 1; write <= reference.writes; ++write) {
    for (const Crash crash : {Crash::before, Crash::after, Crash::late}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ": a crash " + to_text(crash) + " write " + std::to_string(write));
      const Ending ending = play(seed, crash, write);
      same(reference, ending, crash);
      if (HasFailure()) {
        std::puts(ending.trace.c_str());
        return;
      }
    }
  }
}

}  // namespace
}  // namespace atelier::sim
