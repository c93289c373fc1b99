#include "atelier/kube/controller.h"

#include <gtest/gtest.h>

#include "atelier/kube/request.h"
#include "atelier/kube/store.h"
#include "support/fake_loop.h"
#include "support/scrape.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using testing::FakeLoop;
using testing::ScriptedPort;

Result<std::shared_ptr<const std::string>> decode(std::string_view object) {
  return std::make_shared<const std::string>(object);
}

// Gives the plans that the test put in, one per reconcile, and empty ones afterwards.
class ScriptedReconciler final : public Reconciler {
 public:
  Plan reconcile(const ObjectKey& key, const Feedback& feedback, WallTime) override {
    std::string seen = key.name;
    for (const auto& [id, result] : feedback.results) {
      seen += " " + id + "=" + (result ? "ok" : std::string(to_string(result.error().code)));
    }
    trace.push_back(seen);
    if (during) during(key.name);
    auto& queue = plans[key.name];
    if (queue.empty()) return {};
    Plan plan = std::move(queue.front());
    queue.erase(queue.begin());
    return plan;
  }

  std::map<std::string, std::vector<Plan>> plans;
  std::vector<std::string> trace;
  std::function<void(const std::string&)> during;
};

// Ends every request as one that may not be sent any more.
class RefusingPort final : public http::Port {
 public:
  explicit RefusingPort(Loop& loop) : loop_(loop) {}

  std::unique_ptr<http::Call> send(http::Request, std::function<void(Result<http::Response>)> done) override {
    loop_.post([done] { done(Error{Errc::cancelled, "may not"}); });
    return std::make_unique<http::Call>();
  }
  std::unique_ptr<http::Call> stream(http::Request, http::StreamHandler&) override { return nullptr; }

 private:
  Loop& loop_;
};

using Trace = std::vector<std::string>;

Write create_pod(const std::string& name) {
  return {"create " + name, create(kPods, "a", {{"metadata", {{"name", name}}}}), "pods", {"a", name}};
}
Plan plan_of(std::vector<Write> writes) {
  Plan plan;
  plan.writes = std::move(writes);
  return plan;
}
std::string object(const std::string& version) {
  return R"({"metadata":{"name":"p","uid":"u","resourceVersion":")" + version + R"("}})";
}

class Controllers : public ::testing::Test {
 protected:
  Controllers() {
    pods_.begin_list();
    pods_.commit_list("10");
    make({}, port_);
  }
  void make(Controller::Limits limits) { make(limits, port_); }
  void make(Controller::Limits limits, http::Port& port) {
    Controller::Gates gates;
    gates.may_write = [this] { return leader_; };
    gates.synced = [this] { return synced_; };
    controller_ = std::make_unique<Controller>("runs", Controller::Environment{loop_, random_, port, events_, metrics_},
                                               reconciler_, std::move(gates), ReadYourWrites{{&pods_}}, limits);
    controller_->start();
    loop_.run_ready();
  }
  void enqueue(const std::string& name) {
    controller_->enqueue({"a", name});
    loop_.run_ready();
  }
  void reply(std::size_t index, int status, std::string body, http::Headers headers = {}) {
    port_.reply(index, status, std::move(body), std::move(headers));
    loop_.run_ready();
  }
  void cache_reaches(const std::string& version) {
    WatchEvent event;
    event.type = EventType::bookmark;
    event.identity.resource_version = version;
    pods_.apply(event);
    loop_.run_ready();
  }
  Trace trace() { return std::exchange(reconciler_.trace, {}); }
  std::string reconciles(const std::string& result) {
    return testing::value_in(metrics_.scrape(),
                             R"(controller_runtime_reconcile_total{controller="runs",result=")" + result + R"("})");
  }

  FakeLoop loop_;
  testing::FakeRandom random_;
  ScriptedPort port_{loop_};
  Store<std::string> pods_{"pods", decode};
  bool leader_ = true;
  bool synced_ = true;
  EventRecorder events_{{}, port_, loop_, [this] { return leader_; }};
  Metrics metrics_;
  ScriptedReconciler reconciler_;
  std::unique_ptr<Controller> controller_;
};

TEST_F(Controllers, PerformAPlanAndFeedTheAnswersBackOnce) {
  reconciler_.plans["r"] = {plan_of({create_pod("p"), create_pod("q")})};
  enqueue("r");
  EXPECT_EQ(port_.count(), 2U);  // at the same time
  reply(1, 201, object("12"));
  EXPECT_EQ(trace(), Trace{"r"});  // not before all have answered
  reply(0, 409, R"({"reason":"AlreadyExists"})");
  cache_reaches("12");
  loop_.advance(Millis{5});
  EXPECT_EQ(trace(), Trace{"r create p=already exists create q=ok"});
  enqueue("r");
  EXPECT_EQ(trace(), Trace{"r"});
}

TEST_F(Controllers, SlowDownAReconcilerThatOnlyReads) {
  const Write look{"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}};
  for (int i = 0; i < 5; ++i) reconciler_.plans["r"].push_back(plan_of({look}));
  enqueue("r");
  for (std::size_t i = 0; i < 3; ++i) reply(i, 404, R"({"reason":"NotFound"})");
  EXPECT_EQ(port_.count(), 3U);
  EXPECT_EQ(reconciles("error"), "0");  // it is an answer, not a failure
  loop_.advance(Millis{5});
  reply(3, 404, R"({"reason":"NotFound"})");
  loop_.advance(Millis{9});
  EXPECT_EQ(port_.count(), 4U);
  loop_.advance(Millis{1});
  EXPECT_EQ(port_.count(), 5U);
}

TEST_F(Controllers, LookAtWhatTheyReadAtOnceWhenSomethingHasChanged) {
  const Write look{"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}};
  for (int i = 0; i < 7; ++i) reconciler_.plans["r"].push_back(plan_of({look}));
  enqueue("r");
  for (std::size_t i = 0; i < 3; ++i) reply(i, 404, R"({"reason":"NotFound"})");
  EXPECT_EQ(port_.count(), 3U);
  enqueue("r");
  reply(3, 404, R"({"reason":"NotFound"})");
  EXPECT_EQ(port_.count(), 5U);
  enqueue("r");  // while it reads
  reply(4, 404, R"({"reason":"NotFound"})");
  reply(5, 404, R"({"reason":"NotFound"})");
  EXPECT_EQ(port_.count(), 7U);
}

TEST_F(Controllers, SlowDownAReconcilerWhoseReadsDifferFromItsCache) {
  const Write look{"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}};
  for (int i = 0; i < 5; ++i) reconciler_.plans["r"].push_back(plan_of({look}));
  enqueue("r");
  for (std::size_t i = 0; i < 3; ++i) reply(i, 200, object("9"));  // its label is gone: no cache will ever have it
  EXPECT_EQ(port_.count(), 3U);
  loop_.advance(Millis{5});
  reply(3, 200, object("9"));
  loop_.advance(Millis{9});
  EXPECT_EQ(port_.count(), 4U);
  loop_.advance(Millis{1});
  EXPECT_EQ(port_.count(), 5U);
}

TEST_F(Controllers, LookAtWhatTheyReadAtOnceThoughTheKeyFailedBefore) {
  const Write look{"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}};
  for (int i = 0; i < 4; ++i) reconciler_.plans["r"].push_back(plan_of({create_pod("p")}));
  reconciler_.plans["r"].push_back(plan_of({look}));
  reconciler_.plans["r"].push_back(plan_of({create_pod("p")}));
  enqueue("r");
  for (std::size_t i = 0; i < 4; ++i) {
    reply(i, 500, "{}");
    loop_.advance(Millis{5 << i});
  }
  EXPECT_EQ(trace().size(), 5U);
  reply(4, 404, R"({"reason":"NotFound"})");
  EXPECT_EQ(trace(), Trace{"r look=not found"});
  reply(5, 500, "{}");
  loop_.advance(Millis{79});
  EXPECT_EQ(trace(), Trace{}) << "the failures before still count";
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"r create p=server"});
}

TEST_F(Controllers, TakeForAReadOnlyTheObjectThatTheyAskedFor) {
  const Write look{"look", get(kPods, {"a", "p"}), "pods", {"a", "p"}};
  const std::vector<std::string> others = {"",
                                           "{}",
                                           R"({"kind":"Status","status":"Success"})",
                                           "[]",
                                           R"({"metadata":{"name":"p"}})",
                                           R"({"metadata":{"name":"q","uid":"u"}})"};
  for (std::size_t i = 0; i < others.size(); ++i) {
    reconciler_.plans["s"] = {plan_of({look})};
    trace();
    enqueue("s");
    reply(i, 200, others[i]);
    loop_.advance(Millis{60'000});
    EXPECT_EQ(trace(), (Trace{"s", "s look=server"})) << others[i];
  }
}

TEST_F(Controllers, TakeForAListWhatHasItems) {
  const Write look{"look", list(kPods, "a"), "pods of claims", {"a", "claim"}, Answer::list};
  const std::vector<std::pair<std::string, std::string>> answers = {{R"({"metadata":{},"items":[]})", "s look=ok"},
                                                                    {R"({"items":{}})", "s look=server"},
                                                                    {R"({"kind":"Status"})", "s look=server"},
                                                                    {"[]", "s look=server"}};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    reconciler_.plans["s"] = {plan_of({look})};
    trace();
    enqueue("s");
    reply(i, 200, answers[i].first);
    loop_.advance(Millis{60'000});
    EXPECT_EQ(trace(), (Trace{"s", answers[i].second})) << answers[i].first;
  }
}

TEST_F(Controllers, GoOnWithOtherKeysWhenAReconcilerThrows) {
  reconciler_.during = [](const std::string& name) {
    if (name == "bad") throw std::out_of_range("key 'x' not found");
  };
  controller_->enqueue({"a", "bad"});
  enqueue("good");
  EXPECT_EQ(trace(), (Trace{"bad", "good"}));
  loop_.advance(Millis{4});
  EXPECT_EQ(trace(), Trace{});
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"bad"});
  loop_.advance(Millis{9});
  EXPECT_EQ(trace(), Trace{});
  reconciler_.during = nullptr;
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"bad"});
  loop_.advance(Millis{120'000});
  EXPECT_EQ(trace(), Trace{});
}

TEST_F(Controllers, LetOthersRunBetweenKeysThatTakeLong) {
  reconciler_.during = [this](const std::string& name) {
    loop_.advance(Millis{10});
    if (name == "r") loop_.post([this] { reconciler_.trace.emplace_back("a renewal"); });
  };
  for (const char* name : {"q", "r", "s"}) controller_->enqueue({"a", name});
  loop_.run_ready();
  EXPECT_EQ(trace(), (Trace{"q", "r", "a renewal", "s"}));
}

TEST_F(Controllers, DoNotReconcileFromACacheWithoutTheirOwnWrites) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  trace();
  reply(0, 201, object("12"));
  enqueue("r");  // a live change does not help
  cache_reaches("11");
  EXPECT_EQ(trace(), Trace{});
  cache_reaches("12");
  EXPECT_EQ(trace(), Trace{"r create p=ok"});
}

TEST_F(Controllers, SayAfterTenSecondsThatTheCacheIsBehindAndWaitForIt) {
  int told = 0;
  pods_.on_behind({}, [&] { ++told; });
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  reply(0, 201, object("12"));
  trace();
  loop_.advance(Millis{9'999});
  EXPECT_EQ(told, 0);
  loop_.advance(Millis{1});
  EXPECT_EQ(told, 1);
  loop_.advance(Millis{100'000});
  EXPECT_EQ(trace(), Trace{});
  cache_reaches("12");
  EXPECT_EQ(trace(), Trace{"r create p=ok"});
  loop_.advance(Millis{100'000});
  EXPECT_EQ(told, 11) << "every ten seconds, and no more once it has come";
}

TEST_F(Controllers, ReconcileAfterFiveMinutesEvenIfTheCacheStandsStill) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  reply(0, 201, object("12"));
  trace();
  loop_.advance(Millis{299'999});
  EXPECT_EQ(trace(), Trace{});
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"r create p=ok"});
}

TEST_F(Controllers, LetOtherKeysPassAKeyThatWaits) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  enqueue("s");
  EXPECT_EQ(trace(), (Trace{"r", "s"}));
}

TEST_F(Controllers, BackOffFromAKeyWhoseWritesFail) {
  for (int i = 0; i < 3; ++i) reconciler_.plans["r"].push_back(plan_of({create_pod("p")}));
  enqueue("r");
  reply(0, 500, "{}");
  loop_.advance(Millis{4});
  EXPECT_EQ(port_.count(), 1U);
  loop_.advance(Millis{1});
  EXPECT_EQ(port_.count(), 2U);
  reply(1, 500, "{}");
  loop_.advance(Millis{9});
  EXPECT_EQ(port_.count(), 2U);
  loop_.advance(Millis{1});
  EXPECT_EQ(port_.count(), 3U);
}

TEST_F(Controllers, HonourRetryAfterEvenWhenTheKeyChanges) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  reply(0, 429, "{}", {{"retry-after", "3"}});
  trace();
  enqueue("r");
  loop_.advance(Millis{2'999});
  EXPECT_EQ(trace(), Trace{});
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"r create p=throttled"});
}

TEST_F(Controllers, SayThatAWriteWithoutAnAnswerIsMaybeApplied) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  port_.fail(0);
  loop_.advance(Millis{5});
  EXPECT_EQ(trace().back(), "r create p=transport");
}

TEST_F(Controllers, BackOffFromPlansThatChangeNothing) {
  WatchEvent event;
  event.type = EventType::added;
  event.identity = {{"a", "p"}, Uid{"u"}, "11"};
  pods_.apply(event);
  const Write patch{"patch p", merge_patch(kPods, {"a", "p"}, json::object()), "pods", {"a", "p"}};
  reconciler_.plans["r"] = {plan_of({patch}), plan_of({patch})};
  enqueue("r");
  reply(0, 200, object("11"));
  EXPECT_EQ(port_.count(), 1U);
  loop_.advance(Millis{5});
  EXPECT_EQ(port_.count(), 2U);
  reply(1, 200, object("11"));
  loop_.advance(Millis{9});
  EXPECT_EQ(trace(), (Trace{"r", "r patch p=ok"}));
}

TEST_F(Controllers, LookAgainWhenThePlanSaysSo) {
  Plan plan;
  plan.requeue_after = Millis{60'000};
  reconciler_.plans["r"] = {plan};
  enqueue("r");
  loop_.advance(Millis{59'999});
  EXPECT_EQ(trace(), Trace{"r"});
  loop_.advance(Millis{1});
  EXPECT_EQ(trace(), Trace{"r"});
}

TEST_F(Controllers, DoNothingUntilTheCachesAreFilled) {
  synced_ = false;
  enqueue("r");
  loop_.advance(Millis{5'000});
  EXPECT_EQ(trace(), Trace{});
  synced_ = true;
  loop_.advance(Millis{1'000});
  EXPECT_EQ(trace(), Trace{"r"});
}

TEST_F(Controllers, LetNoWriteLeaveWhenTheyMayNotWrite) {
  make({.keys = 64, .writes_per_key = 1});
  reconciler_.plans["r"] = {plan_of({create_pod("p"), create_pod("q")})};
  enqueue("r");
  EXPECT_EQ(port_.count(), 1U);
  leader_ = false;
  reply(0, 201, object("12"));
  EXPECT_EQ(port_.count(), 1U);
  loop_.advance(Millis{60'000});
  EXPECT_EQ(trace(), Trace{"r"});
  leader_ = true;
  cache_reaches("12");
  loop_.advance(Millis{1'000});
  EXPECT_EQ(trace(), Trace{"r create p=ok create q=cancelled"});
}

TEST_F(Controllers, LetNoWriteLeaveThePortsQueueWhenTheyMayNotWrite) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  EXPECT_TRUE(port_.request(0).may_send());
  leader_ = false;
  EXPECT_FALSE(port_.request(0).may_send());
  leader_ = true;
}

TEST_F(Controllers, SlowDownWhenThePortRefusesToSend) {
  RefusingPort refusing{loop_};
  make({}, refusing);
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  EXPECT_EQ(trace(), Trace{"r"});
  loop_.advance(Millis{5});
  EXPECT_EQ(trace(), Trace{"r create p=cancelled"});
  controller_.reset();
}

TEST_F(Controllers, BoundTheWritesOfOneKeyAndTheKeysAtOnce) {
  make({.keys = 2, .writes_per_key = 3});
  for (const char* name : {"r", "s", "t"}) {
    std::vector<Write> writes;
    for (int i = 0; i < 5; ++i) writes.push_back(create_pod(std::string(name) + std::to_string(i)));
    reconciler_.plans[name] = {plan_of(std::move(writes))};
  }
  for (const char* name : {"r", "s", "t"}) controller_->enqueue({"a", name});
  loop_.run_ready();
  EXPECT_EQ(port_.open().size(), 6U);
  reply(0, 201, object("9"));
  EXPECT_EQ(port_.open().size(), 6U);
  for (auto open = port_.open(); !open.empty(); open = port_.open()) reply(open.front(), 201, object("9"));
  EXPECT_EQ(port_.count(), 15U);
}

TEST_F(Controllers, RecordThePlansEvents) {
  Plan plan;
  EventNote note;
  note.reason = "Started";
  note.involved = {"v1", "Pod", {"a", "p"}, Uid{"u"}};
  plan.events = {note};
  reconciler_.plans["r"] = {plan};
  enqueue("r");
  EXPECT_EQ(port_.line(0), "POST /api/v1/namespaces/a/events");
}

TEST_F(Controllers, LetGoOfEverythingWhenStopped) {
  reconciler_.plans["r"] = {plan_of({create_pod("p")})};
  enqueue("r");
  controller_->stop();
  EXPECT_TRUE(port_.cancelled(0));
  EXPECT_EQ(loop_.next(), std::nullopt);
  controller_->start();
  loop_.run_ready();
  EXPECT_EQ(trace(), (Trace{"r", "r"}));
}

TEST_F(Controllers, QueueNothingBeforeTheyAreStarted) {
  controller_->stop();
  for (int i = 0; i < 100; ++i) enqueue("run-" + std::to_string(i));
  EXPECT_TRUE(controller_->idle());
  controller_->start();
  loop_.run_ready();
  EXPECT_EQ(trace(), Trace{});
}

TEST_F(Controllers, MayEndBeforeTheirCaches) {
  controller_.reset();
  cache_reaches("12");
}

}  // namespace
}  // namespace atelier::kube
