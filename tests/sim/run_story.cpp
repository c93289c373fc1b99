#include "sim/run_story.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "render/labels.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr Millis kLongest{900'000};
constexpr Millis kRest{120'000};
constexpr Millis kCounts{300'000};  // until an Event that was said again is written, at the latest

}  // namespace

const Story& diamond() {
  static const Story story{[](SimWorld& world) {
    make_platform(world);
    make_diamond(world);
    make_run(world, kRunKey.name);
  }};
  return story;
}

Ending play(std::uint64_t seed, const std::function<void(SimWorld&)>& trouble, Millis settle) {
  return play(diamond(), seed, trouble, settle);
}

Ending play(const Story& story, std::uint64_t seed, const std::function<void(SimWorld&)>& trouble, Millis settle) {
  SimWorld world{seed, story.script};
  story.begin(world);
  if (trouble) trouble(world);
  world.start_operator();

  Ending out;
  out.ended = world.run_until(
      [&] {
        return std::all_of(story.runs.begin(), story.runs.end(),
                           [&](const std::string& run) { return is_over(phase_of(world, run)); });
      },
      kLongest);
  world.run_for(settle);  // what follows the end: finalizers, events, a late write
  out.requests = world.network.requests();
  world.run_for(kCounts);
  out.writes = world.network.writes();
  const std::size_t reads = world.network.reads();
  world.run_for(kRest);
  out.restless_writes = world.network.writes() - out.writes;
  out.restless_reads = world.network.reads() - reads;
  out.status = comparable(world.find("pipelineruns", {kRunKey.ns, story.runs.front()}));
  for (std::size_t i = 1; i < story.runs.size(); ++i) {
    out.others[story.runs[i]] = comparable(world.find("pipelineruns", {kRunKey.ns, story.runs[i]}));
  }
  out.workspace = comparable(world.find("workspaces", kWorkspace));
  for (const Node::Start& start : world.node.starts()) {
    ++out.starts[start.name];
    if (start.again) out.again.push_back(start.name);
  }
  for (const Object& pod : world.all("pods")) {
    for (const json& finalizer : (*pod)["metadata"].value("finalizers", json::array())) {
      if (finalizer == render::kResultFinalizer) out.held.push_back((*pod)["metadata"]["name"].get<std::string>());
    }
  }
  out.trace = world.trace(1'000);
  return out;
}

void expect_same(const Ending& reference, const Ending& ending) {
  EXPECT_TRUE(ending.ended) << "a run did not end";
  EXPECT_EQ(ending.status, reference.status) << json::diff(reference.status, ending.status).dump(2);
  EXPECT_EQ(ending.others, reference.others) << json::diff(reference.others, ending.others).dump(2);
  EXPECT_EQ(ending.workspace, reference.workspace) << json::diff(reference.workspace, ending.workspace).dump(2);
  EXPECT_EQ(ending.starts, reference.starts) << "an attempt was started twice or not at all";
  EXPECT_THAT(ending.again, ::testing::IsEmpty()) << "what was done was done again";
  EXPECT_THAT(ending.held, ::testing::IsEmpty()) << "pods still hold the finalizer";
  EXPECT_EQ(ending.restless_writes, 0U) << "writes although nothing happens";
  EXPECT_EQ(ending.restless_reads, 0U) << "reads although nothing happens";
  EXPECT_LE(ending.requests, 20 * reference.requests) << "a storm of requests";
}

std::size_t most_requests() {
  static const std::size_t most = 20 * play(1).requests;
  return most;
}

void forget_publishes(Ending& ending) {
  std::erase_if(ending.starts, [](const auto& start) { return start.first.starts_with("publish-"); });
}

}  // namespace atelier::sim
