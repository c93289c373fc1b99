// What an execution remembers from one step to the next.
#include "atelier/engine/execution.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>

#include "atelier/base/digest.h"

namespace atelier::engine {
namespace {

const ObjectKey kRun{"ns", "run"};
const Uid kUid{"uid"};

class Executions : public ::testing::Test {
 protected:
  api::Task& add(const std::string& name) {
    api::Task& task = plan_->pipeline.tasks.emplace_back();
    task.name = name;
    return task;
  }
  void begin() { execution_.emplace(Execution::Identity{kRun, kUid, {}, WallTime{}}, plan_, Params{}); }
  std::size_t creates(const Execution::Step& step) const {
    const auto is_create = [](const Action& action) { return std::holds_alternative<CreatePod>(action); };
    return static_cast<std::size_t>(std::count_if(step.actions.begin(), step.actions.end(), is_create));
  }
  std::string name(const std::string& task) const { return pod_name(kRun, kUid, {task, kNoItem, 1}); }
  void begin_with_pods(const std::vector<std::string>& tasks) {
    for (const std::string& task : tasks) add(task);
    begin();
    for (const std::string& task : tasks) {
      PodObservation running = pod(task, kNoItem, "");
      running.phase = PodPhase::running;
      execution_->see(running);
    }
  }
  PodObservation pod(const std::string& task, std::int64_t item, const std::string& results) const {
    PodObservation pod;
    pod.task = task;
    pod.item = item;
    pod.attempt = 1;
    pod.name = pod_name(kRun, kUid, {task, item, 1});
    pod.phase = PodPhase::succeeded;
    pod.termination_message = results;
    return pod;
  }

  using Params = std::map<std::string, std::string>;
  std::shared_ptr<api::RunPlan> plan_ = std::make_shared<api::RunPlan>();
  std::optional<Execution> execution_;
};

TEST_F(Executions, MakeAsManyPodsInAStepAsTheyMay) {
  add("a");
  add("b").for_each = api::ForEach{{"w", "x", "y", "z"}, "", std::nullopt};
  begin();
  EXPECT_EQ(creates(execution_->step(WallTime{}, 2)), 2U);
  execution_->see_made({"a", kNoItem, 1}, WallTime{});
  execution_->see_made({"b", 0, 1}, WallTime{});
  EXPECT_EQ(creates(execution_->step(WallTime{}, 2)), 2U);
}

TEST_F(Executions, MakeAnItemOfEachOfAsManyFilesAsLargeResultsHold) {
  api::Task& list = add("list");
  list.results = {{"files", "list"}};
  list.large_results = true;
  api::Task& load = add("load");
  load.depends_on = {"list"};
  load.for_each = api::ForEach{{}, "tasks.list.results.files.filter(f, f.endsWith('.csv'))", std::nullopt};
  load.args = {"${item}"};
  begin();
  std::string text = R"({"files":[)";
  for (int i = 0; i < 9'000; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(100'000 + i) + "-of-the-day.csv\"";
  text += "]}";
  ASSERT_LT(text.size(), api::kLargestResults);
  execution_->step(WallTime{});
  PodObservation ended = pod("list", kNoItem, "");
  ended.handed_on = R"({"sha256":")" + sha256_hex(text) + "\"}";
  execution_->see(ended);
  const auto asked = execution_->step(WallTime{}).actions;
  EXPECT_TRUE(std::any_of(asked.begin(), asked.end(),
                          [](const Action& action) { return std::holds_alternative<FetchResults>(action); }));
  execution_->see_text(text);
  const Execution::Step step = execution_->step(WallTime{}, 10'000);
  EXPECT_EQ(creates(step), 9'000U) << execution_->ledger().tasks.at("load").message;
  EXPECT_LT(encode(execution_->ledger()).size(), 2'000U);
}

// Whoever may make pods can write the labels of an attempt on another pod.
TEST_F(Executions, AreNotDisturbedByTheEndOfAPodThatBearsAnAttemptsLabels) {
  begin_with_pods({"a"});
  PodObservation forged = pod("a", kNoItem, "");
  forged.name = "forged";
  execution_->see(forged);
  execution_->step(WallTime{});
  execution_->see(execution_->ledger());
  execution_->see_no_pod("forged", {"a", kNoItem, 1});
  EXPECT_TRUE(execution_->step(WallTime{} + Millis{60'000}).actions.empty()) << "it looks for a pod that it has seen";
  EXPECT_EQ(execution_->ledger().tasks.at("a").state, TaskState::running);
  execution_->see_no_pod(name("a"), {"a", kNoItem, 1});
  const auto looks = [](const Action& action) { return std::holds_alternative<ConfirmGone>(action); };
  const auto actions = execution_->step(WallTime{} + Millis{60'000}).actions;
  EXPECT_TRUE(std::any_of(actions.begin(), actions.end(), looks));
}

TEST_F(Executions, CountLargeResultsOnceUntilTheyAreCommitted) {
  api::Task& list = add("list");
  list.results = {{"text"}};
  list.large_results = true;
  api::Task& load = add("load");
  load.depends_on = {"list"};
  load.args = {"${tasks.list.results.text.size()}"};
  begin();
  const std::string text =
      R"({"text":")" + std::string(3'000'000, 'x') + "\"}";  // more than half of what a run may have
  PodObservation ended = pod("list", kNoItem, "");
  ended.handed_on = R"({"sha256":")" + sha256_hex(text) + "\"}";
  execution_->see(ended);
  execution_->see_text(text);
  execution_->step(WallTime{});
  EXPECT_EQ(execution_->ledger().tasks.at("list").state, TaskState::succeeded);
  ended.deleting = true;
  execution_->see(ended);
  execution_->step(WallTime{});
  EXPECT_EQ(execution_->ledger().tasks.at("list").state, TaskState::succeeded);
}

TEST_F(Executions, KeepNoParametersOfTheSpec) {
  add("a");
  begin();
  api::PipelineRunSpec spec;
  for (int i = 0; i < 100; ++i) spec.params["p" + std::to_string(i)] = std::string(4'096, 'x');
  const std::size_t before = mallinfo2().uordblks;
  execution_->see(spec);
  EXPECT_LT(mallinfo2().uordblks, before + 4'096);
}

TEST_F(Executions, EndPodsFromTheFirstTaskOnAndRoundAgain) {
  begin_with_pods({"a", "b", "c"});
  api::PipelineRunSpec spec;
  spec.cancel.emplace();
  execution_->see(spec);
  std::string ended;
  for (int i = 0; i < 4; ++i) {
    const Execution::Step step = execution_->step(WallTime{}, 1);
    EXPECT_TRUE(step.has_more);
    for (const Action& action : step.actions) {
      if (const auto* gone = std::get_if<DeletePod>(&action))
        ended += gone->name == name("a") ? "a" : gone->name == name("b") ? "b" : "c";
    }
  }
  EXPECT_EQ(ended, "abca");
  EXPECT_FALSE(execution_->step(WallTime{}).has_more);
}

TEST_F(Executions, DoNotTakeBackResultsThatTheyAccepted) {
  const std::string results = R"({"r":")" + std::string(4'000, 'x') + R"("})";
  for (const char* name : {"a", "b", "c", "d", "e"}) add(name).results = {{"r"}};
  add("slow");
  api::Task& use = add("use");
  use.depends_on = {"slow"};
  use.when = "tasks.a.results.r + tasks.b.results.r + tasks.c.results.r + tasks.d.results.r + tasks.e.results.r != ''";
  begin();
  for (const char* name : {"a", "b", "c", "d", "e"}) execution_->see(pod(name, kNoItem, results));
  execution_->step(WallTime{});
  ASSERT_EQ(execution_->ledger().tasks.at("e").state, TaskState::succeeded);
  PodObservation again = pod("a", kNoItem, results);
  again.deleting = true;
  execution_->see(again);
  execution_->step(WallTime{});
  EXPECT_EQ(execution_->ledger().tasks.at("a").state, TaskState::succeeded);
}

TEST_F(Executions, WaitForPeopleFromWhenTheyBeganTo) {
  add("release").approval = api::ApprovalDemand{1, Millis{60'000}};
  api::PipelineRunSpec spec;
  spec.author = "alice";
  begin();
  execution_->see(spec);
  execution_->see({}, ApprovalGuard{ApprovalGuard::State::in_force, "", WallTime{}});
  execution_->step(WallTime{});  // its commit does not come
  execution_->see({}, ApprovalGuard{ApprovalGuard::State::in_force, "another", WallTime{}});
  execution_->step(WallTime{Millis{30'000}});
  EXPECT_EQ(execution_->ledger().tasks.at("release").since, WallTime{});
}

TEST_F(Executions, AskPeopleOnceWhatWasSkippedBeforeTheirQuestionIsKnown) {
  add("slow");
  add("other");
  add("check").depends_on = {"slow"};
  add("audit").depends_on = {"other", "check.Succeeded"};
  api::Task& release = add("release");
  release.depends_on = {"audit.Ended"};
  release.when = "tasks.audit.status == 'Succeeded'";
  release.approval = api::ApprovalDemand{1, std::nullopt};
  begin();
  api::PipelineRunSpec spec;
  spec.author = "alice";
  spec.skip = {"check"};
  execution_->see(spec);
  execution_->see({}, ApprovalGuard{ApprovalGuard::State::in_force, "", WallTime{}});
  PodObservation failed = pod("other", kNoItem, "");
  failed.phase = PodPhase::failed;
  execution_->see(failed);
  execution_->step(WallTime{});
  EXPECT_EQ(execution_->ledger().tasks.at("release").reason, "WhenFalse") << "by the failure alone";
  const Entry before = execution_->ledger().tasks.at("audit");
  execution_->see(pod("slow", kNoItem, ""));
  execution_->step(WallTime{});
  EXPECT_EQ(execution_->ledger().tasks.at("audit"), before);
  EXPECT_EQ(execution_->ledger().tasks.at("release").reason, "WaitsForApproval");
}

TEST_F(Executions, MakeTheListOfItemsThatWereNotTakenOverWhenItsTurnHasCome) {
  add("list").results = {{"files", "list"}};
  api::Task& load = add("load");
  load.depends_on = {"list.Ended"};
  load.for_each = api::ForEach{{}, "has(tasks.list) ? tasks.list.results.files : ['old', 'older']", std::nullopt};
  load.args = {"${item}"};
  Ledger ledger;
  ledger.phase = RunPhase::running;
  ledger.tasks["load"].state = TaskState::running;
  ledger.tasks["load"].items.resize(2);
  ledger.tasks["load"].items[0].state = TaskState::succeeded;
  begin();
  execution_->see(ledger);
  execution_->step(WallTime{});
  execution_->see(pod("list", kNoItem, R"({"files":["a","b"]})"));
  const auto actions = execution_->step(WallTime{}).actions;
  const auto* create = std::get_if<CreatePod>(&actions.at(0));
  ASSERT_NE(create, nullptr);
  EXPECT_EQ(create->item, 1);
  EXPECT_EQ(create->args, std::vector<std::string>{"b"});
}

TEST_F(Executions, CountTheItemsOfAllFanOutsTogether) {
  const auto list = [](int items) {
    return api::ForEach{{}, "lists.range(" + std::to_string(items) + ")", std::nullopt};
  };
  add("a").for_each = list(6'000);
  add("b").for_each = list(4'001);
  add("c").for_each = list(4'000);
  begin();
  execution_->step(WallTime{}, 1);
  EXPECT_EQ(execution_->ledger().tasks.at("a").items.size(), 6'000U);
  EXPECT_EQ(execution_->ledger().tasks.at("b").reason, "TooManyItems");
  EXPECT_EQ(execution_->ledger().tasks.at("c").items.size(), 4'000U);
}

TEST_F(Executions, CountAListOnceThatIsMadeAgain) {
  add("a").for_each = api::ForEach{{}, "lists.range(6000)", std::nullopt};
  begin();
  api::PipelineRunSpec spec;
  for (const bool suspended : {false, true, false}) {
    spec.suspend = suspended;
    execution_->see(spec);
    execution_->step(WallTime{}, 1);
    EXPECT_EQ(execution_->ledger().tasks.at("a").items.size(), suspended ? 0U : 6'000U);
  }
}

}  // namespace
}  // namespace atelier::engine
