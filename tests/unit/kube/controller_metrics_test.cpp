#include "atelier/kube/controller_metrics.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "atelier/kube/controller.h"
#include "atelier/kube/request.h"
#include "atelier/kube/store.h"
#include "support/fake_loop.h"
#include "support/scrape.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

// Gives the plans of the test, one after the other, then empty ones.
class ListedPlans final : public Reconciler {
 public:
  Plan reconcile(const ObjectKey&, const Feedback&, WallTime) override {
    if (during) during();
    if (next == plans.size()) return {};
    return plans[next++];
  }

  std::vector<Plan> plans;
  std::size_t next = 0;
  std::function<void()> during;
};

Plan plan_of(std::vector<Write> writes) {
  Plan plan;
  plan.writes = std::move(writes);
  return plan;
}
Write create_pod(const std::string& name) {
  return {"create " + name, create(kPods, "a", {{"metadata", {{"name", name}}}}), "pods", {"a", name}};
}
Write look() { return {"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}}; }

class ControllersInMetrics : public ::testing::Test {
 protected:
  ControllersInMetrics() {
    pods_.begin_list();
    pods_.commit_list("100");
    controller_.start();
    loop_.run_ready();
  }
  void enqueue(const std::string& name, Priority priority = Priority::live) {
    controller_.enqueue({"a", name}, priority);
    loop_.run_ready();
  }
  void reply(std::size_t index, int status, const std::string& version = "12") {
    port_.reply(index, status,
                R"({"reason":"NotFound","metadata":{"name":"p","uid":"u","resourceVersion":")" + version + R"("}})");
    loop_.run_ready();
  }
  std::string value(const std::string& name, const std::string& more = "", const std::string& before = "") {
    return testing::value_in(metrics_.scrape(), name + "{" + before + R"(controller="runs")" + more + "}");
  }
  std::string result(const std::string& which) {
    return value("controller_runtime_reconcile_total", R"(,result=")" + which + R"(")");
  }
  std::string cause(const std::string& which) {
    return value("atelier_reconcile_causes_total", "", R"(cause=")" + which + R"(",)");
  }
  std::string queue(const std::string& what) { return value("workqueue_" + what, R"(,name="runs")"); }

  testing::FakeLoop loop_;
  testing::FakeRandom random_;
  testing::ScriptedPort port_{loop_};
  Metrics metrics_;
  EventRecorder events_{{}, port_, loop_, [] { return true; }};
  ListedPlans plans_;
  Store<std::string> pods_{"pods", [](std::string_view object) -> Result<std::shared_ptr<const std::string>> {
                             return std::make_shared<const std::string>(object);
                           }};
  bool synced_ = true;
  Controller controller_{"runs",
                         {loop_, random_, port_, events_, metrics_},
                         plans_,
                         {[] { return true; }, [this] { return synced_; }},
                         ReadYourWrites{{&pods_}},
                         {.keys = 2, .writes_per_key = 16}};
};

TEST_F(ControllersInMetrics, CountAPlanWithoutWritesAsSuccess) {
  plans_.during = [this] { loop_.advance(Millis{250}); };
  enqueue("r");
  EXPECT_EQ(result("success"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_time_seconds_sum"), "0.25");
  EXPECT_EQ(queue("work_duration_seconds_sum"), "0.25");
  EXPECT_EQ(value("atelier_writing_plans_total"), "0");
}

TEST_F(ControllersInMetrics, CountAPlanThatWroteOnceItIsAnswered) {
  plans_.plans = {plan_of({create_pod("p"), create_pod("q"), look()})};
  enqueue("r");
  loop_.advance(Millis{2'000});
  EXPECT_EQ(value("controller_runtime_active_workers"), "1");
  EXPECT_EQ(queue("unfinished_work_seconds"), "2");
  EXPECT_EQ(queue("longest_running_processor_seconds"), "2");
  EXPECT_EQ(result("success"), "0");
  for (std::size_t i = 0; i < 3; ++i) reply(i, 201);
  EXPECT_EQ(result("success"), "2") << "the plan, and the look at its answers";
  EXPECT_EQ(cause("answer"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_time_seconds_sum"), "2");
  EXPECT_EQ(value("controller_runtime_active_workers"), "0");
  EXPECT_EQ(queue("unfinished_work_seconds"), "0");
  EXPECT_EQ(value("atelier_writing_plans_total"), "1");
  EXPECT_EQ(value("atelier_writes_total"), "2") << "a read is no write";
  EXPECT_EQ(value("atelier_hottest_key_writes"), "2");
}

TEST_F(ControllersInMetrics, TellTheChangesOfAKeysOwnWritesAsAnswers) {
  plans_.plans = {plan_of({create_pod("p")})};
  enqueue("r");
  EXPECT_EQ(cause("change"), "1");
  enqueue("r");  // the watch is faster than the answer
  reply(0, 201);
  EXPECT_EQ(cause("answer"), "1");
  EXPECT_EQ(cause("change"), "1");
}

TEST_F(ControllersInMetrics, CountAFailedWriteAndTheRetry) {
  plans_.plans = {plan_of({create_pod("p")})};
  enqueue("r");
  reply(0, 500);
  EXPECT_EQ(result("error"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_errors_total"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_panics_total"), "0");
  EXPECT_EQ(queue("retries_total"), "1");
  EXPECT_EQ(cause("retry"), "0");
  loop_.advance(Millis{5});
  EXPECT_EQ(cause("retry"), "1");
  EXPECT_EQ(queue("adds_total"), "2");
}

TEST_F(ControllersInMetrics, TellARetryThatWaitedForTheCacheAsARetry) {
  plans_.plans = {plan_of({create_pod("p"), create_pod("q")})};
  enqueue("r");
  reply(0, 500);
  reply(1, 201, "200");
  loop_.advance(Millis{5});
  EXPECT_EQ(cause("retry"), "0") << "the cache does not show the write yet";
  WatchEvent event;
  event.type = EventType::bookmark;
  event.identity.resource_version = "200";
  pods_.apply(event);
  loop_.run_ready();
  EXPECT_EQ(cause("retry"), "1");
  EXPECT_EQ(cause("answer"), "0");
  EXPECT_EQ(queue("queue_duration_seconds_count"), "2") << "to wait for the cache is not to be taken";
}

TEST_F(ControllersInMetrics, CountAReconcilerThatThrows) {
  plans_.during = [] { throw std::logic_error("a bug"); };
  enqueue("r");
  EXPECT_EQ(result("error"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_errors_total"), "1");
  EXPECT_EQ(value("controller_runtime_reconcile_panics_total"), "1");
}

TEST_F(ControllersInMetrics, CountAPlanThatOnlyRead) {
  plans_.plans = {plan_of({look()}), plan_of({look()})};
  enqueue("r");
  reply(0, 404);
  EXPECT_EQ(result("requeue"), "1");
  EXPECT_EQ(cause("answer"), "1");
  EXPECT_EQ(value("atelier_writing_plans_total"), "0");
  EXPECT_EQ(value("atelier_hottest_key_writes"), "0");
}

TEST_F(ControllersInMetrics, CountALookThatWasAskedFor) {
  Plan later;
  later.requeue_after = Millis{60'000};
  plans_.plans = {later};
  enqueue("r");
  EXPECT_EQ(result("requeue_after"), "1");
  EXPECT_EQ(queue("retries_total"), "1");
  loop_.advance(Millis{60'000});
  EXPECT_EQ(cause("requeue"), "1");
  EXPECT_EQ(result("success"), "1");
}

TEST_F(ControllersInMetrics, TellWhatIsDueByItsPriority) {
  synced_ = false;
  controller_.enqueue({"a", "r"}, Priority::initial);
  controller_.enqueue({"a", "s"}, Priority::initial);
  controller_.enqueue({"a", "t"});
  controller_.enqueue({"a", "t"});
  controller_.enqueue({"a", "u"}, Priority::live, Millis{60'000});
  loop_.advance(Millis{500});
  EXPECT_EQ(value("workqueue_depth", R"(,name="runs",priority="0")"), "1");
  EXPECT_EQ(value("workqueue_depth", R"(,name="runs",priority="-100")"), "2");
  EXPECT_EQ(queue("adds_total"), "4") << "what waits already is not added";
  synced_ = true;
  loop_.advance(Millis{1'000});
  EXPECT_EQ(cause("initial"), "2");
  EXPECT_EQ(cause("change"), "1");
  EXPECT_EQ(queue("queue_duration_seconds_sum"), "3") << "three keys waited for a second";
  EXPECT_EQ(value("workqueue_depth", R"(,name="runs",priority="-100")"), "0");
}

TEST_F(ControllersInMetrics, ShowAKeyThatIsWrittenAgainAndAgain) {
  for (int i = 0; i < 30; ++i) plans_.plans.push_back(plan_of({create_pod("p")}));
  enqueue("hot");
  for (std::size_t i = 0; i < 30; ++i) reply(i, 201);
  EXPECT_EQ(value("atelier_hottest_key_writes"), "30");
  EXPECT_EQ(metrics_.scrape().find("hot\""), std::string::npos) << "keys are not named";
  loop_.advance(Millis{180'000});
  EXPECT_EQ(value("atelier_hottest_key_writes"), "0");
}

TEST_F(ControllersInMetrics, MayEndBeforeTheMetrics) {
  Metrics metrics;
  {
    const Controller controller{"short", {loop_, random_, port_, events_, metrics}, plans_, {}, ReadYourWrites{{}}};
  }
  EXPECT_NE(metrics.scrape().find("short"), std::string::npos);
}

}  // namespace
}  // namespace atelier::kube
