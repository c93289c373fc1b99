#include "reconcile/places.h"

#include <gmock/gmock.h>

#include <map>

#include "reconcile/place_seekers.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;
using Need = PlaceSeeker::Need;

PlaceSeeker seeker(const std::string& name, Need need, int created = 0) {
  return {{name, Uid{name + "-uid"}}, second(created), need};
}

std::vector<std::string> given(const std::vector<std::string>& before, const std::vector<PlaceSeeker>& seekers,
                               std::optional<std::int64_t> limit) {
  std::vector<api::RunReference> places;
  for (const std::string& name : before) places.push_back({name, Uid{name + "-uid"}});
  std::vector<std::string> out;
  for (const api::RunReference& place : decide_places(places, seekers, limit)) out.push_back(place.name);
  return out;
}

using Names = std::vector<std::string>;

TEST(Places, GoToTheOldestWhoAskAndThenByUid) {
  const std::vector<PlaceSeeker> asking = {seeker("young", Need::asks, 9), seeker("b", Need::asks, 5),
                                           seeker("a", Need::asks, 5), seeker("not-asking", Need::keeps, 1)};
  EXPECT_EQ(given({}, asking, 2), (Names{"a", "b"}));
  EXPECT_EQ(given({}, asking, 9), (Names{"a", "b", "young"}));
}

TEST(Places, AreFreeOnlyWhenTheirRunsNeedThemNoMore) {
  const auto with = [](Need need) {
    return given({"first"}, {seeker("first", need), seeker("second", Need::asks, 5)}, 1);
  };
  EXPECT_EQ(with(Need::holds), Names{"first"});
  EXPECT_EQ(with(Need::asks), Names{"first"}) << "it has not started yet";
  EXPECT_EQ(with(Need::keeps), Names{"first"});
  EXPECT_EQ(with(Need::none), Names{"second"});
}

TEST(Places, ALowerLimitTakesNoneAwayAndGivesNoneOut) {
  const std::vector<PlaceSeeker> seekers = {seeker("a", Need::holds), seeker("b", Need::holds),
                                            seeker("c", Need::asks)};
  EXPECT_EQ(given({"a", "b"}, seekers, 1), (Names{"a", "b"}));
  EXPECT_EQ(given({"a", "b"}, seekers, 3), (Names{"a", "b", "c"}));
}

TEST(Places, ARunThatIsUnderWayWithoutOneCounts) {
  EXPECT_EQ(given({}, {seeker("started-before-the-upgrade", Need::holds), seeker("asking", Need::asks)}, 1), Names{});
}

TEST(Places, WithoutAProfileNobodyGetsOne) {
  EXPECT_EQ(given({"a"}, {seeker("a", Need::holds), seeker("b", Need::asks)}, std::nullopt), Names{"a"});
}

TEST(Places, TheLineIsTold) {
  PlaceLine line{"ws", "small", 2, {}, {}, 0};
  EXPECT_EQ(to_text(line),
            "Workspace \"ws\" lets at most 2 runs be under way at a time (maxParallelPipelines, profile \"small\"); "
            "this run is number 1 in "
            "the line");
  for (const char* name : {"a", "b", "c", "d", "e"}) line.holders.push_back({name, Uid{name}});
  line.ahead = 3;
  line.delays = {{Uid{"b"}, "suspended"}, {Uid{"d"}, "not told"}};
  EXPECT_EQ(to_text(line),
            "Workspace \"ws\" lets at most 2 runs be under way at a time (maxParallelPipelines, profile \"small\"), "
            "now a, b (suspended), c and 2 more; "
            "this run is number 4 in the line");
}

TEST(Places, WhatDelaysAHolderIsTold) {
  api::PipelineRun run;
  EXPECT_EQ(what_delays(run), "");
  run.status.conditions.push_back({"Succeeded", meta::ConditionStatus::unknown, "StartRefused", "", 0, {}});
  EXPECT_EQ(what_delays(run), "has not started: StartRefused");
  run.status.pin.emplace();
  EXPECT_EQ(what_delays(run), "");
  run.status.conditions[0].reason = "Suspended";
  EXPECT_EQ(what_delays(run), "suspended");
  run.status.conditions[0].reason = "Running";
  run.status.tasks.resize(2);
  run.status.tasks[0].name = "look";
  run.status.tasks[0].reason = "WaitsForApproval";
  EXPECT_EQ(what_delays(run), "waits for people: look");
  run.status.tasks[1].state = "Running";
  EXPECT_EQ(what_delays(run), "") << "something of it is at work";
  run.status.completion_time = WallTime{};
  run.status.phase = "Failed";
  EXPECT_EQ(what_delays(run), "over, and a pod of it still ends");
}

// What WorkspaceReconciler sees of the runs of "ws".
struct Seekers : testing::RunWorld {
  std::map<std::string, Need> needs(const kube::Feedback& feedback = {}) {
    plan = {};
    const auto found = place_seekers(world, *world.workspaces.get({"team-a", "ws"}), plan, feedback);
    std::map<std::string, Need> out;
    for (const PlaceSeeker& one : found) out[one.run.name] = one.need;
    return out;
  }
  json run_of(const std::string& name, const json& status) const {
    json out = run;
    out["metadata"]["name"] = name;
    out["metadata"]["uid"] = name + "-uid";
    out["status"] = status;
    return out;
  }
  static json asks() {
    return {{"phase", "Pending"},
            {"conditions", json::array({{{"type", "Succeeded"},
                                         {"status", "Unknown"},
                                         {"reason", kWaitsForPlace},
                                         {"message", ""},
                                         {"lastTransitionTime", "2026-01-01T00:00:00Z"}}})}};
  }
  static json pinned(const std::string& phase, const std::string& workspace = "ws") {
    return {{"phase", phase}, {"pin", {{"revision", "r"}, {"workspace", workspace}}}};
  }
  static json pod(const std::string& run, const std::string& phase) {
    return {{"metadata",
             {{"name", "pod-of-" + run},
              {"namespace", "team-a"},
              {"uid", "pod-of-" + run},
              {"labels",
               {{"atelier.dev/component", "task"}, {"atelier.dev/run", run}, {"atelier.dev/run-uid", run + "-uid"}}}}},
            {"status", {{"phase", phase}}}};
  }
  void places(const std::vector<std::string>& runs) {
    json list = json::array();
    for (const std::string& name : runs) list.push_back({{"name", name}, {"uid", name + "-uid"}});
    workspace["status"]["places"] = list;
    add(world.workspaces, workspace);
  }

  kube::Plan plan;
};

TEST(PlaceSeekers, AreWhatAsksAndWhatIsUnderWay) {
  Seekers seekers;
  seekers.places({});
  json cancelled = seekers.run_of("cancelled", Seekers::asks());
  cancelled["spec"]["cancel"] = json::object();
  json deleted = seekers.run_of("deleted", Seekers::asks());
  deleted["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  seekers.add(seekers.world.runs, seekers.run_of("new", json::object()), seekers.run_of("asks", Seekers::asks()),
              seekers.run_of("runs", Seekers::pinned("Running")), seekers.run_of("over", Seekers::pinned("Failed")),
              seekers.run_of("elsewhere", Seekers::pinned("Running", "other")), cancelled, deleted);
  EXPECT_THAT(seekers.needs(), ::testing::UnorderedElementsAre(
                                   ::testing::Pair("new", Need::keeps), ::testing::Pair("asks", Need::asks),
                                   ::testing::Pair("runs", Need::holds), ::testing::Pair("elsewhere", Need::none),
                                   ::testing::Pair("cancelled", Need::keeps), ::testing::Pair("deleted", Need::none)));
}

TEST(PlaceSeekers, ARunThatIsOverHoldsItsPlaceWhileAPodIsAtWork) {
  Seekers seekers;
  seekers.places({"over"});
  seekers.add(seekers.world.runs, seekers.run_of("over", Seekers::pinned("Cancelled")));
  seekers.add(seekers.world.pods, Seekers::pod("over", "Running"));
  EXPECT_EQ(seekers.needs().at("over"), Need::holds);
  seekers.add(seekers.world.pods, Seekers::pod("over", "Failed"));
  EXPECT_EQ(seekers.needs().at("over"), Need::none);
}

TEST(PlaceSeekers, ARunThatTheCacheDoesNotHoldKeepsItsPlaceUntilALiveReadSaysItIsGone) {
  Seekers seekers;
  seekers.places({"away"});
  seekers.add(seekers.world.runs);
  EXPECT_EQ(seekers.needs().at("away"), Need::holds);
  ASSERT_EQ(seekers.plan.writes.size(), 1U);
  const std::string id = seekers.plan.writes[0].id;
  kube::Feedback feedback;
  feedback.results.emplace(id, json::parse(R"({"metadata": {"name": "away", "uid": "away-uid"}})"));
  EXPECT_EQ(seekers.needs(feedback).at("away"), Need::holds) << "the cache is behind";
  feedback.results.insert_or_assign(id, Error{Errc::transport, "no route"});
  seekers.plan.writes.clear();
  EXPECT_EQ(seekers.needs(feedback).at("away"), Need::holds);
  ASSERT_EQ(seekers.plan.writes.size(), 1U) << "nobody else would ask again";
  EXPECT_EQ(seekers.plan.writes[0].id, id);
  feedback.results.insert_or_assign(id, Error{Errc::not_found, "gone"});
  seekers.add(seekers.world.pods, Seekers::pod("away", "Running"));
  EXPECT_EQ(seekers.needs(feedback).at("away"), Need::holds) << "its pod is at work";
  seekers.add(seekers.world.pods);
  EXPECT_EQ(seekers.needs(feedback).at("away"), Need::none);
  feedback.results.insert_or_assign(id, json::parse(R"({"metadata": {"name": "away", "uid": "a later one"}})"));
  EXPECT_EQ(seekers.needs(feedback).at("away"), Need::none);
}

TEST(PlaceSeekers, TheLineCountsOlderRunsOfTheSameWorkspace) {
  Seekers seekers;
  const auto at = [&seekers](const std::string& name, const char* created, const char* pipeline) {
    json out = seekers.run_of(name, Seekers::asks());
    out["metadata"]["creationTimestamp"] = created;
    out["spec"]["pipeline"]["name"] = pipeline;
    return out;
  };
  json other = seekers.pipeline;
  other["metadata"]["name"] = "other";
  other["metadata"]["uid"] = "other-uid";
  other["spec"]["workspace"]["name"] = "another";
  seekers.add(seekers.world.pipelines, seekers.pipeline, other);
  seekers.add(seekers.world.runs, at("a", "2026-01-01T00:00:01Z", "daily"), at("b", "2026-01-01T00:00:02Z", "daily"),
              at("c", "2026-01-01T00:00:02Z", "daily"), at("old", "2026-01-01T00:00:00Z", "other"));
  EXPECT_EQ(runs_ahead(seekers.world, "ws", *seekers.world.runs.get({"team-a", "c"})), 2);
  EXPECT_EQ(runs_ahead(seekers.world, "ws", *seekers.world.runs.get({"team-a", "a"})), 0);
}

}  // namespace
}  // namespace atelier::reconcile
