// Lists that are streamed, on a network at its worst.
#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using testing::Ending;
namespace fault = testing::fault;

constexpr const char* kStream = "sendInitialEvents=true";

// A second is the longest that it waits.
class HastyLoop final : public Loop {
 public:
  explicit HastyLoop(Loop& loop) : loop_(loop) {}

  SteadyTime now() const override { return loop_.now(); }
  WallTime wall_now() const override { return loop_.wall_now(); }
  void post(std::function<void()> task) override { loop_.post(std::move(task)); }
  std::unique_ptr<Timer> at(SteadyTime when, std::function<void()> task) override {
    longest = std::max(longest, when - now());
    return loop_.at(std::min(when, now() + Millis{1'000}), std::move(task));
  }

  SteadyTime::duration longest{0};  // that it was asked for

 private:
  Loop& loop_;
};

class StreamedListsOverABadNetwork : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    streams_lists_ = true;
    for (const char* name : {"first", "second", "third"}) ASSERT_TRUE(make_config_map(name));
  }
};

TEST_F(StreamedListsOverABadNetwork, AreOneRequestWithTheWatchThatFollows) {
  follow();
  ASSERT_TRUE(make_config_map("zz"));
  EXPECT_TRUE(all("+first +second +third +zz ")) << traces() << log();
  EXPECT_EQ(lists(), 0U);
  EXPECT_EQ(watches(), 1U);
}

TEST_F(StreamedListsOverABadNetwork, BeginAnewWhereverTheyBreakOff) {
  const std::vector<testing::Place> places{{}, {R"("name":"first")", 0}, {R"("name":"third")", 200}};
  std::size_t cuts = 0;
  for (const testing::Place& place : places) {
    for (const Ending ending : {Ending::reset, Ending::close}) {
      proxy_->on({.target = kStream}, fault::Cut{place, ending});
      start_follower();
      ++cuts;
      ASSERT_TRUE(await([&] { return followers_.back()->store.synced(); })) << log();
      EXPECT_EQ(proxy_->requests("GET", kStream), 2 * cuts);
    }
  }
  EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
}

TEST_F(StreamedListsOverABadNetwork, ShowNothingBeforeTheirEnd) {
  proxy_->on({.target = kStream}, fault::Stall{{"initial-events-end", 0}});
  start_follower();
  ASSERT_TRUE(await([&] { return watches() == 1; }));
  ASSERT_TRUE(ask(list_config_maps()));  // goes past the proxy, and takes its time
  EXPECT_FALSE(followers_.back()->store.synced());
  EXPECT_EQ(traces(), "\n");
}

TEST_F(StreamedListsOverABadNetwork, ComeInPagesFromAServerThatDoesNotStream) {
  proxy_->on({.target = kStream}, fault::Answer{testing::status_answer(422, "Invalid")});
  start_follower();
  EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
  EXPECT_EQ(lists(), 1U);
}

TEST_F(StreamedListsOverABadNetwork, ComeInPagesWhenTheyDoNotEnd) {
  auto hasty = std::make_unique<HastyLoop>(loop_);
  const HastyLoop& waits = *hasty;
  their_loop_ = std::move(hasty);
  proxy_->on({.target = kStream}, fault::Stall{{"initial-events-end", 0}});
  start_follower();
  EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
  EXPECT_GT(waits.longest, std::chrono::seconds{119});
  EXPECT_EQ(lists(), 1U);
  EXPECT_TRUE(await([&] { return watches() == 2 && proxy_->watches() == 1; })) << "the stream is closed: " << log();
}

TEST_F(StreamedListsOverABadNetwork, BeginAnewWhenTheServerEndsThemBeforeTheirEnd) {
  const std::string ghost = R"({"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1",)"
                            R"("metadata":{"name":"ghost","namespace":"a","uid":"u","resourceVersion":"1"}}})"
                            "\n";
  proxy_->on({.target = kStream}, fault::Answer{testing::chunked_answer({ghost}, true)});
  start_follower();
  EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
  EXPECT_EQ(proxy_->requests("GET", kStream), 2U);
  EXPECT_EQ(lists(), 0U);
}

TEST_F(StreamedListsOverABadNetwork, ComeInPagesOnceWhenAnObjectIsTooLongForALine) {
  proxy_->on({.target = kStream}, fault::Answer{testing::chunked_answer({testing::too_long_event()}, false)});
  start_follower();
  EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
  EXPECT_EQ(ended("invalid"), "1");
  EXPECT_EQ(lists(), 1U);
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  proxy_->on({.target = kWatch}, fault::Answer{testing::status_answer(410, "Expired")});
  proxy_->cut_watches(Ending::reset);
  EXPECT_TRUE(await([&] { return proxy_->requests("GET", kStream) == 2; })) << "the next list is streamed: " << log();
}

TEST_F(StreamedListsOverABadNetwork, WaitAsLongAsTheServerSays) {
  proxy_->on({.target = kStream},
             fault::Answer{testing::status_answer(429, "TooManyRequests", {{"Retry-After", "2"}})});
  const SteadyTime began = loop_.now();
  follow();
  EXPECT_GE(loop_.now() - began, std::chrono::seconds{2});
  EXPECT_EQ(lists(), 0U);
}

}  // namespace
}  // namespace atelier::kube
