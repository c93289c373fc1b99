#include "reconcile/pod_retention.h"

#include <gtest/gtest.h>

#include "atelier/engine/decide.h"
#include "render/labels.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

// A run under way, and the pod of its first attempt, which ended at second 10 and is committed.
struct OldPods : testing::RunWorld {
  OldPods() : name(engine::pod_name({"team-a", "run-1"}, Uid{"run-uid"}, {"a", engine::kNoItem, 1})) {
    committed.tasks["a"].state = engine::TaskState::succeeded;
    committed.tasks["a"].attempt = 1;
    commit();
    revision["data"]["pipeline"]["history"]["podAge"] = "5m";
    add(world.revisions, revision);
    pod["metadata"]["name"] = name;
    pod["metadata"]["labels"] = {{render::kComponent, render::kTask},
                                 {render::kRun, "run-1"},
                                 {render::kRunUid, "run-uid"},
                                 {render::kTaskName, "a"},
                                 {render::kAttempt, "1"}};
    seen();
  }
  void commit() {
    run["status"] = {{"phase", "Running"}, {"pin", {{"revision", "rev"}}}, {"state", engine::encode(committed)}};
    add(world.runs, run);
  }
  void seen() { add(world.pods, pod); }
  kube::Plan at(int now) { return reconciler.reconcile({"team-a", pod["metadata"]["name"]}, {}, second(now)); }
  json& container(std::size_t index = 0) { return pod["status"]["containerStatuses"][index]; }

  std::string name;
  engine::Ledger committed;
  json revision = json::parse(R"({"metadata": {"name": "rev", "namespace": "team-a", "uid": "rev-uid"},
    "data": {"pipeline": {"workspace": {"name": "ws"}, "tasks": [{"name": "a"}]}}})");
  json pod =
      json::parse(R"({"metadata": {"namespace": "team-a", "uid": "p", "creationTimestamp": "1970-01-01T00:00:01Z"},
    "status": {"phase": "Succeeded", "containerStatuses": [{"name": "task",
      "state": {"terminated": {"exitCode": 0, "finishedAt": "1970-01-01T00:00:10Z"}}}]}})");
  PodRetention reconciler{world};
};

void expect_left_alone(const kube::Plan& plan) { EXPECT_TRUE(plan.writes.empty()) << plan.writes[0].id; }

TEST(PodRetention, APodGoesPodAgeAfterItsEndAlsoWhileItsRunGoesOn) {
  OldPods pods;
  const kube::Plan early = pods.at(309);
  expect_left_alone(early);
  EXPECT_EQ(early.requeue_after, Millis{1'001});
  const kube::Plan due = pods.at(310);
  ASSERT_EQ(due.writes.size(), 1U);
  EXPECT_EQ(due.writes[0].id, "delete pod " + pods.name);
  EXPECT_EQ(json::parse(due.writes[0].request.body)["preconditions"]["uid"], "p");
}

TEST(PodRetention, APipelineThatSaysNothingKeepsPodsForThreeDays) {
  OldPods pods;
  pods.revision["data"]["pipeline"].erase("history");
  pods.add(pods.world.revisions, pods.revision);
  expect_left_alone(pods.at(10 + 72 * 3'600 - 1));
  EXPECT_EQ(pods.at(10 + 72 * 3'600).writes.size(), 1U);
}

// Pods of the items of a fan-out, of which `most` are kept; each third failed. They end second by second.
struct ManyPods : OldPods {
  ManyPods(int count, int most) {
    revision["data"]["pipeline"]["history"] = {{"podsPerRun", most}};
    add(world.revisions, revision);
    add(world.pods);
    committed.tasks["a"].items.resize(static_cast<std::size_t>(count));
    for (engine::Entry& item : committed.tasks["a"].items) {
      item.state = engine::TaskState::succeeded;
      item.attempt = 1;
    }
    commit();
    for (int i = 0; i < count; ++i) {
      json one = pod;
      one["metadata"]["uid"] = "p" + std::to_string(i);
      one["metadata"]["name"] = name_of(i);
      one["metadata"]["labels"][render::kItem] = std::to_string(i);
      one["status"]["phase"] = i % 3 == 0 ? "Failed" : "Succeeded";
      one["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] = format_time(second(10 + i));
      all.push_back(one);
    }
    show();
  }
  void show() {
    world.pods.begin_list();
    for (const json& one : all) stage(world.pods, one);
    world.pods.commit_list(std::to_string(++version));
  }
  static std::string name_of(int item) { return engine::pod_name({"team-a", "run-1"}, Uid{"run-uid"}, {"a", item, 1}); }
  kube::Plan at(int now, int item) { return reconciler.reconcile({"team-a", name_of(item)}, {}, second(now)); }
  std::set<std::string> deleted(int now, int item) {
    std::set<std::string> out;
    for (const kube::Write& write : at(now, item).writes) out.insert(write.id);
    return out;
  }

  std::vector<json> all;
};

TEST(PodRetention, OfTooManyPodsTheOldestThatSucceededGoFirst) {
  ManyPods pods{8, 5};
  const std::set<std::string> oldest = {"delete pod " + pods.name_of(1), "delete pod " + pods.name_of(2),
                                        "delete pod " + pods.name_of(4)};
  EXPECT_EQ(pods.deleted(200, 7), oldest);
  EXPECT_EQ(pods.deleted(200, 0), oldest) << "whichever of them is looked at";
}

TEST(PodRetention, NoneOfTooManyPodsGoesWithin90SecondsOfItsEnd) {
  ManyPods pods{8, 5};
  EXPECT_EQ(pods.deleted(102, 7),
            (std::set<std::string>{"delete pod " + pods.name_of(1), "delete pod " + pods.name_of(2)}));
  EXPECT_EQ(pods.at(102, 7).requeue_after, Millis{2'001}) << "the third of them";
}

TEST(PodRetention, AsManyPodsAsAreKeptAndATenthStay) {
  EXPECT_TRUE((ManyPods{5, 5}.deleted(200, 4).empty()));
  EXPECT_TRUE((ManyPods{22, 20}.deleted(200, 4).empty()));
  EXPECT_EQ((ManyPods{23, 20}.deleted(200, 4).size()), 3U);
}

TEST(PodRetention, WhoDoesNotCountOrIsNotCommittedStaysAmongTooMany) {
  ManyPods pods{8, 5};
  pods.committed.tasks["a"].state = engine::TaskState::running;
  pods.committed.tasks["a"].items[1].state = engine::TaskState::running;
  pods.commit();
  EXPECT_EQ(pods.deleted(200, 7),
            (std::set<std::string>{"delete pod " + pods.name_of(2), "delete pod " + pods.name_of(4)}));
  pods.all[4]["metadata"]["finalizers"] = {render::kResultFinalizer};
  pods.all[2]["metadata"]["labels"][render::kRunUid] = "another";
  pods.all[7]["status"]["phase"] = "Running";
  pods.show();
  EXPECT_TRUE(pods.deleted(200, 6).empty());
}

TEST(PodRetention, ManyAtOnceGoOneHundredAtATime) {
  ManyPods pods{150, 1};
  const kube::Plan plan = pods.at(1'000, 7);
  EXPECT_EQ(plan.writes.size(), 100U);
  EXPECT_EQ(plan.requeue_after, Millis{1'001});
}

TEST(PodRetention, APodWhoseOutcomeIsNotCommittedStays) {
  OldPods pods;
  pods.pod["metadata"]["finalizers"] = {render::kResultFinalizer};
  pods.seen();
  const kube::Plan plan = pods.at(1'000'000);
  expect_left_alone(plan);
  EXPECT_FALSE(plan.requeue_after) << "its release is a change";
}

// Without a finalizer, as after an uninstall that took it off before the end was committed: once the pod were gone, the
// attempt would count as one that was never started, and be started again.
TEST(PodRetention, AReleasedPodWhoseOutcomeIsNotCommittedStaysUntilItIs) {
  OldPods pods;
  for (const engine::TaskState state : {engine::TaskState::waiting, engine::TaskState::running}) {
    pods.committed.tasks["a"].state = state;
    pods.committed.tasks["a"].attempt = state == engine::TaskState::running ? 1 : 0;
    pods.commit();
    const kube::Plan plan = pods.at(1'000'000);
    expect_left_alone(plan);
    EXPECT_TRUE(plan.requeue_after);
  }
  pods.committed.tasks["a"].attempt = 2;
  pods.commit();
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U) << "the next one runs already";
}

TEST(PodRetention, APodOfARunThatIsOverGoesWhateverItsStateSays) {
  OldPods pods;
  pods.run["status"]["phase"] = "Cancelled";
  pods.run["status"]["state"] = "";
  pods.add(pods.world.runs, pods.run);
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U);
}

TEST(PodRetention, APodThatRunsOrIsBeingDeletedStays) {
  OldPods pods;
  pods.pod["status"]["phase"] = "Running";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
  pods.pod["status"]["phase"] = "Failed";
  pods.pod["metadata"]["deletionTimestamp"] = "1970-01-01T00:00:10Z";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, TheLastContainersEndCounts) {
  OldPods pods;
  pods.pod["status"]["initContainerStatuses"] = json::array({pods.container()});
  pods.pod["status"]["initContainerStatuses"][0]["state"]["terminated"]["finishedAt"] = "1970-01-01T00:01:00Z";
  pods.seen();
  expect_left_alone(pods.at(359));
  EXPECT_EQ(pods.at(360).writes.size(), 1U);
}

TEST(PodRetention, APodThatNeverSaidWhenItEndedGoesByItsCreationBut90SecondsAfterItWasSeen) {
  OldPods pods;
  pods.pod["status"] = {{"phase", "Failed"}, {"reason", "Evicted"}};
  pods.seen();
  const kube::Plan first = pods.at(1'000);
  expect_left_alone(first);
  EXPECT_EQ(first.requeue_after, Millis{90'001});
  expect_left_alone(pods.at(1'089));
  EXPECT_EQ(pods.at(1'090).writes.size(), 1U);
  EXPECT_EQ(pod_due(*pods.world.pods.get({"team-a", pods.name}), Millis{300'000}, second(100)), second(301));
}

TEST(PodRetention, ALaterPodOfTheNameIsSeenForTheFirstTime) {
  OldPods pods;
  pods.pod["status"] = {{"phase", "Failed"}, {"reason", "Evicted"}};
  pods.seen();
  pods.at(1'000);
  pods.pod["metadata"]["uid"] = "q";
  pods.seen();
  EXPECT_EQ(pods.at(1'089).requeue_after, Millis{90'001});
}

TEST(PodRetention, NoPodGoesWithin90SecondsOfItsEndWhateverThePlanSays) {
  OldPods pods;
  pods.revision["data"]["pipeline"]["history"]["podAge"] = "1s";
  pods.add(pods.world.revisions, pods.revision);
  expect_left_alone(pods.at(99));
  EXPECT_EQ(pods.at(100).writes.size(), 1U);
}

TEST(PodRetention, WhoseRunOrRevisionIsNotKnownIsLeftAloneAndLookedAtAgain) {
  OldPods pods;
  pods.add(pods.world.revisions);
  const kube::Plan plan = pods.at(1'000'000);
  expect_left_alone(plan);
  EXPECT_TRUE(plan.requeue_after);
  pods.add(pods.world.revisions, pods.revision);
  EXPECT_EQ(pods.at(1'000'000).writes.size(), 1U);
  pods.add(pods.world.runs);
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, APodOfAnEarlierRunOfTheNameIsLeftAlone) {
  OldPods pods;
  pods.run["metadata"]["uid"] = "another";
  pods.add(pods.world.runs, pods.run);
  expect_left_alone(pods.at(1'000'000));
}

TEST(PodRetention, APodThatOnlyBearsTheLabelsIsLeftAlone) {
  OldPods pods;
  pods.pod["metadata"]["name"] = "mine";
  pods.seen();
  expect_left_alone(pods.at(1'000'000));
}

}  // namespace
}  // namespace atelier::reconcile
