// Lists that are streamed, on a network at its worst.
#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using testing::Ending;
namespace fault = testing::fault;

constexpr const char* kStream = "sendInitialEvents=true";

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
