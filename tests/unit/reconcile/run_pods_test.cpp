// When a run lets go of its pods.
#include <gtest/gtest.h>

#include "unit/reconcile/reconciled_runs.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::ids;
using testing::Runs;

TEST(RunPods, PodsOfARunThatIsGoneAreReleasedOnlyAfterALiveRead) {
  Runs runs;
  runs.add(runs.world.runs);
  runs.add(runs.world.pods, runs.pod("p", "run-uid"));
  const kube::Plan ask = runs.reconcile();
  ASSERT_EQ(ids(ask), (std::vector<std::string>{"confirm that the run is gone"}));
  EXPECT_EQ(ask.writes[0].request.method, http::Method::get);
  const std::string id = ask.writes[0].id;
  EXPECT_EQ(ids(runs.reconcile(id, Error{Errc::transport, "no answer"})), (std::vector<std::string>{id}));
  EXPECT_EQ(ids(runs.reconcile(id, json{{"metadata", {{"uid", "run-uid"}}}})), (std::vector<std::string>{id}));
  EXPECT_EQ(ids(runs.reconcile(id, Error{Errc::not_found, "not there"})),
            (std::vector<std::string>{"release pod p", "delete pod p"}));
}

TEST(RunPods, PodsOfAnEarlierRunOfTheSameNameGoToo) {
  Runs runs;
  runs.run["metadata"]["annotations"][render::kStarted] = "other";  // Restored: it starts nothing itself
  runs.add(runs.world.runs, runs.run);
  runs.add(runs.world.pods, runs.pod("p", "earlier"));
  const std::string id = "confirm that the run is gone";
  const kube::Plan plan = runs.reconcile(id, json{{"metadata", {{"uid", "run-uid"}}}});
  EXPECT_EQ(plan.writes.at(0).id, "release pod p");
  EXPECT_EQ(plan.writes.at(1).id, "delete pod p");
}

TEST(RunPods, ADeletedRunLetsItsPodsGoAsTheyAreDeleted) {
  Runs runs;
  runs.run["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  runs.add(runs.world.runs, runs.run);
  json pod = runs.pod("p", "run-uid");
  runs.add(runs.world.pods, pod);
  EXPECT_TRUE(runs.reconcile().writes.empty());
  pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  runs.add(runs.world.pods, pod);
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"release pod p"}));
}

TEST(RunPods, APodKeepsItsFinalizerWhileAFormerLeadersCreateMayCome) {
  Runs runs;
  runs.started();
  runs.run["status"]["phase"] = "Succeeded";
  runs.add(runs.world.runs, runs.run);
  json pod = runs.pod("p", "run-uid");
  pod["status"]["phase"] = "Succeeded";
  runs.add(runs.world.pods, pod);
  runs.late.took_over();
  const kube::Plan held = runs.reconcile();
  EXPECT_TRUE(held.writes.empty());
  ASSERT_TRUE(held.requeue_after);
  runs.loop.advance(*held.requeue_after);
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"release pod p"}));
}

// The run goes on, and ends, before the create that was not answered comes.
TEST(RunPods, APodKeepsItsFinalizerWhileACreateThatWasNotAnsweredMayCome) {
  Runs runs;
  runs.started();
  const kube::Plan first = runs.reconcile();
  ASSERT_TRUE(first.writes.at(0).id.starts_with("create pod "));
  const std::string name = first.writes[0].key.name;
  json pod = runs.pod(name, "run-uid");
  pod["status"]["phase"] = "Succeeded";
  runs.add(runs.world.pods, pod);
  runs.run["status"]["phase"] = "Succeeded";
  runs.add(runs.world.runs, runs.run);
  const kube::Plan held = runs.reconcile(first.writes[0].id, Error{Errc::transport, "no answer"});
  EXPECT_TRUE(held.writes.empty());
  ASSERT_TRUE(held.requeue_after);
  runs.loop.advance(*held.requeue_after);
  EXPECT_EQ(ids(runs.reconcile()), (std::vector<std::string>{"release pod " + name}));
}

// Of 120 pods, 100 are looked at in a step.
TEST(RunPods, ThoseThatAreHeldDoNotKeepOthersFromTheirTurn) {
  Runs runs;
  runs.pipeline["spec"]["tasks"] =
      json::parse(R"json([{"name": "a", "forEach": {"in": "lists.range(120)", "maxParallel": 120}},
                               {"name": "b", "dependsOn": ["a"]}])json");
  runs.pipeline["spec"].erase("params");
  runs.run["spec"].erase("params");
  runs.add(runs.world.pipelines, runs.pipeline);
  runs.add(runs.world.runs, runs.run);
  runs.started();
  runs.late.took_over();
  std::vector<json> pods;
  const auto go_on = [&](int at) {
    kube::Plan plan = runs.reconcile(at);
    for (const kube::Write& write : plan.writes) {
      if (write.resource_plural == "pods") {
        json pod = json::parse(write.request.body);
        pod["metadata"]["uid"] = write.key.name + "-uid";
        const bool goes_on = pod["metadata"]["labels"][render::kTaskName] == "b";
        pod["status"] = {{"phase", goes_on ? "Running" : "Succeeded"}};
        pods.push_back(std::move(pod));
      } else {
        runs.run.merge_patch(json::parse(write.request.body));
      }
    }
    runs.world.pods.begin_list();
    for (const json& pod : pods) runs.stage(runs.world.pods, pod);
    runs.world.pods.commit_list(std::to_string(++runs.version));
    runs.add(runs.world.runs, runs.run);
    return plan;
  };
  int at = 0;
  kube::Plan plan;
  do plan = go_on(at += 2);
  while (!plan.writes.empty() && at < 60);
  ASSERT_EQ(pods.size(), 121U);
  ASSERT_TRUE(ids(plan).empty()) << ids(plan).front();
  EXPECT_EQ(plan.requeue_after, Millis{1'000});
}

}  // namespace
}  // namespace atelier::reconcile
