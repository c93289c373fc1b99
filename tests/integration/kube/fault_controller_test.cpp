#include "atelier/kube/controller.h"
#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::Ending;
namespace fault = testing::fault;

// Wants a ConfigMap for every key.
class Maker final : public Reconciler {
 public:
  explicit Maker(const Store<json>& store) : store_(store) {}

  Plan reconcile(const ObjectKey& key, const Feedback& feedback, WallTime) override {
    ++reconciles[key.name];
    for (const auto& [id, answer] : feedback.results) {
      answers += std::string(answer ? "ok" : to_string(answer.error().code)) + " ";
    }
    Plan plan;
    if (store_.get(key)) return plan;
    const json object = {
        {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"namespace", key.ns}, {"name", key.name}}}};
    plan.writes.push_back({"create", create(kConfigMaps, key.ns, object), "configmaps", key});
    return plan;
  }

  std::map<std::string, int> reconciles;
  std::string answers;

 private:
  const Store<json>& store_;
};

class ControllersOverABadNetwork : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("there"));
    store_ = &follow().store;
    maker_ = std::make_unique<Maker>(*store_);
    events_ = std::make_unique<EventRecorder>(EventRecorder::Options{}, *faulty_, loop_, [] { return true; });
    Controller::Gates gates;
    gates.may_write = [] { return true; };
    gates.synced = [this] { return store_->synced(); };
    controller_ =
        std::make_unique<Controller>("makers", Controller::Environment{loop_, random_, *faulty_, *events_, metrics_},
                                     *maker_, std::move(gates), ReadYourWrites{{store_}});
    controller_->start();
  }
  void TearDown() override {
    controller_.reset();
    events_.reset();
    FaultyWatches::TearDown();
  }
  [[nodiscard]] bool made(const std::string& name) {
    return await([&] { return store_->get(key(name)) && controller_->idle(); });
  }
  std::size_t creates() const { return proxy_->requests("POST", "/configmaps"); }

  Store<json>* store_ = nullptr;
  std::unique_ptr<Maker> maker_;
  std::unique_ptr<EventRecorder> events_;
  std::unique_ptr<Controller> controller_;
};

TEST_F(ControllersOverABadNetwork, DecideNothingBeforeTheyHaveSeenTheirOwnWrite) {
  proxy_->freeze();
  controller_->enqueue(key("a"));
  ASSERT_TRUE(await([&] { return creates() == 1 && ask(get(kConfigMaps, key("a"))); }));
  controller_->enqueue(key("a"));
  controller_->enqueue(key("there"));
  ASSERT_TRUE(await([&] { return maker_->reconciles["there"] == 1; })) << "others go on";
  EXPECT_FALSE(await([&] { return maker_->reconciles["a"] > 1; }, Millis{500})) << "it has not seen its write";
  proxy_->thaw();
  EXPECT_TRUE(made("a"));
  EXPECT_EQ(maker_->reconciles["a"], 2);
  EXPECT_EQ(maker_->answers, "ok ");
  EXPECT_EQ(creates(), 1U);
}

TEST_F(ControllersOverABadNetwork, HaveAWatchThatHangsOpenedAnewAndWaitForIt) {
  proxy_->freeze();
  controller_->enqueue(key("a"));
  ASSERT_TRUE(await([&] { return creates() == 1; }));
  ASSERT_EQ(watches(), 1U);
  ASSERT_TRUE(await([&] { return watches() == 2; }, seconds{20})) << log();
  EXPECT_EQ(maker_->reconciles["a"], 1) << "for longer than ten seconds";
  proxy_->thaw();
  EXPECT_TRUE(made("a"));
  EXPECT_EQ(creates(), 1U);
}

TEST_F(ControllersOverABadNetwork, WaitAsLongAsTheServerSays) {
  const auto refused = proxy_->on(
      {.method = "POST"}, fault::Answer{testing::status_answer(429, "TooManyRequests", {{"Retry-After", "2"}})});
  controller_->enqueue(key("a"));
  ASSERT_TRUE(await([&] { return refused->applied == 1; }));
  const SteadyTime told = loop_.now();
  controller_->enqueue(key("a"));
  ASSERT_TRUE(await([&] { return creates() == 2; })) << log();
  EXPECT_GE(loop_.now() - told, seconds{2} - Millis{100});
  EXPECT_TRUE(made("a"));
}

TEST_F(ControllersOverABadNetwork, GoOnAfterALostAnswer) {
  const auto lost = proxy_->on({.method = "POST", .times = 2}, fault::Cut{});
  controller_->enqueue(key("a"));
  EXPECT_TRUE(await([&] { return !maker_->answers.empty(); })) << "it looks again";
  EXPECT_TRUE(made("a")) << log();
  EXPECT_GE(lost->applied, 1U);
  EXPECT_EQ(maker_->answers.find("ok"), std::string::npos) << maker_->answers;
}

TEST_F(ControllersOverABadNetwork, ReachWhatIsWantedInTheEnd) {
  const std::vector<testing::Fault> faults{
      fault::Cut{},
      fault::ResetBeforeRequest{},
      fault::Duplicate{},
      fault::Answer{testing::status_answer(500, "InternalError")},
      fault::Answer{testing::status_answer(429, "TooManyRequests")},
      fault::Answer{"HTTP/1.1 200 OK\r\nContent-Le", true},
      fault::Answer{testing::http_answer(201, {}, "{\"metadata\":")},
      fault::Cut{{"", 200}, Ending::close},
      fault::DelayRequest{Millis{50}},
      fault::DelayAnswer{Millis{50}},
      fault::Slice{3},
  };
  std::vector<std::shared_ptr<const testing::Rule>> rules;
  for (std::size_t i = 0; i < 4 * faults.size(); ++i) {
    rules.push_back(proxy_->on({.method = "POST", .from = i + 1}, faults[i % faults.size()]));
  }
  constexpr std::size_t kKeys = 40;
  for (std::size_t i = 0; i < kKeys; ++i) controller_->enqueue(key("n" + std::to_string(i)));
  ASSERT_TRUE(await([&] { return creates() > kKeys / 2; }));
  proxy_->cut_all(Ending::reset);
  EXPECT_TRUE(await([&] { return store_->size() == kKeys + 1 && controller_->idle(); })) << log();
  EXPECT_EQ(ask(list_config_maps()).value()["items"].size(), kKeys + 1);
  for (const auto& rule : rules) EXPECT_EQ(rule->applied, 1U) << testing::name_of(rule->fault);
}

TEST_F(ControllersOverABadNetwork, WriteAnEventOnceWhoseAnswerWasLost) {
  proxy_->cut_idle(Ending::close);  // libcurl would try again by itself
  const auto lost = proxy_->on({.method = "POST", .target = "/events"}, fault::Cut{});
  const ObjectReference there{"v1", "ConfigMap", key("there"), Uid{"u"}};
  events_->record({EventKind::normal, "Tested", "it was tested", there});
  ASSERT_TRUE(await([&] { return events_->queued() == 0; })) << log();
  EXPECT_EQ(lost->seen, 2U) << log();
  EXPECT_EQ(events_->dropped(), 0U);
  const auto written = ask(list(kEvents, ns_));
  ASSERT_TRUE(written);
  EXPECT_EQ(written.value()["items"].size(), 1U);
}

}  // namespace
}  // namespace atelier::kube
