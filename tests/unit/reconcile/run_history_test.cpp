#include "reconcile/run_history.h"

#include <gtest/gtest.h>

#include "reconcile/pipeline_reconciler.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using testing::second;

// The runs of one Pipeline.
struct Pipelines {
  api::PipelineRun& add(const std::string& name, const std::string& phase, std::optional<int> ended = std::nullopt) {
    auto run = std::make_shared<api::PipelineRun>();
    run->metadata.name = name;
    run->metadata.uid = Uid{name + "-uid"};
    run->status.phase = phase;
    if (ended) run->status.completion_time = second(*ended);
    runs.push_back(run);
    return *run;
  }
  std::vector<std::string> deleted(int now) const {
    std::vector<std::string> out;
    for (const auto& run : decide_history(history, runs, second(now)).deleted) out.push_back(run->metadata.name);
    return out;
  }
  std::optional<WallTime> next(int now) const { return decide_history(history, runs, second(now)).look_again; }

  api::History history;
  Runs runs;
};

using Names = std::vector<std::string>;

TEST(RunHistory, KeepsEverythingUnlessItIsToldNotTo) {
  Pipelines made;
  made.add("a", "Succeeded", 1);
  made.add("b", "Failed", 2);
  EXPECT_EQ(made.deleted(1'000'000), Names{});
  EXPECT_FALSE(made.next(1'000'000));
}

TEST(RunHistory, KeepsTheLatestOfThoseThatSucceededAndOfTheOthersApart) {
  Pipelines made;
  made.history.succeeded_runs = 1;
  made.history.failed_runs = 2;
  made.add("s3", "Succeeded", 30);
  made.add("s1", "Succeeded", 10);
  made.add("s2", "Succeeded", 20);
  made.add("f1", "Failed", 11);
  made.add("c2", "Cancelled", 21);
  made.add("f3", "Failed", 31);
  EXPECT_EQ(made.deleted(1'000), (Names{"s1", "f1", "s2"})) << "those that ended first go first";
}

TEST(RunHistory, AnAbsentLimitKeepsAllOfItsKind) {
  Pipelines made;
  made.history.succeeded_runs = 0;
  made.add("s", "Succeeded", 10);
  made.add("f", "Failed", 10);
  EXPECT_EQ(made.deleted(1'000), Names{"s"});
}

TEST(RunHistory, OfRunsThatEndedTogetherTheFirstByNameGoes) {
  Pipelines made;
  made.history.succeeded_runs = 1;
  made.add("b", "Succeeded", 10);
  made.add("a", "Succeeded", 10);
  EXPECT_EQ(made.deleted(1'000), Names{"a"});
}

TEST(RunHistory, NoRunGoesWithin90SecondsOfItsEnd) {
  Pipelines made;
  made.history.succeeded_runs = 0;
  made.add("a", "Succeeded", 100);
  EXPECT_EQ(made.deleted(189), Names{});
  EXPECT_EQ(made.next(189), second(190));
  EXPECT_EQ(made.deleted(190), Names{"a"});
}

TEST(RunHistory, WhatIsOlderThanMaxAgeGoesHoweverFewThereAre) {
  Pipelines made;
  made.history.succeeded_runs = 10;
  made.history.max_age = std::chrono::hours{1};
  made.add("a", "Succeeded", 0);
  made.add("b", "Failed", 60);
  EXPECT_EQ(made.deleted(3'599), Names{});
  EXPECT_EQ(made.next(3'599), second(3'600));
  EXPECT_EQ(made.deleted(3'600), Names{"a"});
  EXPECT_EQ(made.next(3'600), second(3'660));
}

TEST(RunHistory, ARunThatIsNotOverNeitherGoesNorCounts) {
  Pipelines made;
  made.history.succeeded_runs = 1;
  made.history.failed_runs = 0;
  made.history.max_age = std::chrono::hours{1};
  made.add("a", "Succeeded", 999'000);
  made.add("b", "Running");
  made.add("c", "Pending");
  made.add("d", "");
  EXPECT_EQ(made.deleted(1'000'000), Names{});
}

TEST(RunHistory, ARunThatIsBeingDeletedIsNotDeletedAgainAndDoesNotCount) {
  Pipelines made;
  made.history.succeeded_runs = 1;
  made.add("a", "Succeeded", 10);
  made.add("b", "Succeeded", 20).metadata.deletion_timestamp = second(30);
  EXPECT_EQ(made.deleted(1'000), Names{});
}

TEST(RunHistory, ARunStaysWhileOneThatIsNotOverRetriesOrRerunsIt) {
  Pipelines made;
  made.history.failed_runs = 0;
  made.add("a", "Failed", 10);
  made.add("b", "Failed", 20);
  made.add("c", "Failed", 30);
  made.add("of-a", "Running").spec.retry_of = {"a", Uid{"a-uid"}};
  made.add("of-b", "").spec.rerun_of = {"b", Uid{"b-uid"}};
  made.add("of-c", "Running").spec.retry_of = {"c", Uid{"an earlier c"}};
  EXPECT_EQ(made.deleted(1'000), Names{"c"});
  made.runs.erase(made.runs.begin() + 3, made.runs.end());
  made.add("of-a", "Succeeded", 40).spec.retry_of = {"a", Uid{"a-uid"}};
  EXPECT_EQ(made.deleted(1'000), (Names{"a", "b", "c"})) << "it has what it needs";
}

TEST(RunHistory, ManyGoAFewAtATime) {
  Pipelines made;
  made.history.succeeded_runs = 0;
  for (int i = 0; i < 150; ++i) made.add("r" + std::to_string(1'000 + i), "Succeeded", i);
  const Names first = made.deleted(10'000);
  ASSERT_EQ(first.size(), kMostDeletions);
  EXPECT_EQ(first.front(), "r1000");
  EXPECT_EQ(first.back(), "r1099");
}

struct Kept : testing::RunWorld {
  Kept() {
    pipeline["spec"]["history"] = {{"succeededRuns", 0}};
    add(world.pipelines, pipeline);
    run["status"] = {{"phase", "Succeeded"}, {"completionTime", "1970-01-01T00:00:10Z"}};
    add(world.runs, run);
  }
  // Without what it says about itself.
  kube::Plan reconcile(int now) {
    kube::Plan plan = reconciler.reconcile({"team-a", "daily"}, {}, second(now));
    std::erase_if(plan.writes, [](const kube::Write& write) { return write.id == "write status"; });
    return plan;
  }

  PipelineReconciler reconciler{world};
};

TEST(PipelineReconciler, DeletesOldRunsAsItKnowsThem) {
  Kept kept;
  const kube::Plan plan = kept.reconcile(100);
  ASSERT_EQ(plan.writes.size(), 1U);
  EXPECT_EQ(plan.writes[0].id, "delete run run-1");
  EXPECT_EQ(plan.writes[0].request.method, http::Method::delete_);
  auto body = nlohmann::json::parse(plan.writes[0].request.body);
  EXPECT_EQ(body["preconditions"]["uid"], "run-uid");
  EXPECT_EQ(body["preconditions"]["resourceVersion"], std::to_string(kept.version - 1));
}

TEST(PipelineReconciler, LooksAgainWhenTheNextRunIsDue) {
  Kept kept;
  const kube::Plan plan = kept.reconcile(40);
  EXPECT_TRUE(plan.writes.empty());
  EXPECT_EQ(plan.requeue_after, Millis{60'001});
}

TEST(PipelineReconciler, LeavesTheRunsOfAPipelineAloneThatIsGoneOrGoing) {
  Kept kept;
  kept.pipeline["metadata"]["deletionTimestamp"] = "1970-01-01T00:00:10Z";
  kept.add(kept.world.pipelines, kept.pipeline);
  EXPECT_TRUE(kept.reconcile(100).writes.empty());
  kept.add(kept.world.pipelines);
  EXPECT_TRUE(kept.reconcile(100).writes.empty());
}

}  // namespace
}  // namespace atelier::reconcile
