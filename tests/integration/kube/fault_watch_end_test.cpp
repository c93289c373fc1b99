// Watches that do not end as they should, and what their reflectors do then.
#include "integration/kube/fault_fixture.h"
#include "integration/kube/tampering_port.h"

namespace atelier::kube {
namespace {

using std::chrono::seconds;
namespace fault = testing::fault;

class WatchesThatEndBadly : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("first"));
  }
};

TEST_F(WatchesThatEndBadly, AreOpenedLessAndLessOftenWhenTheyBringNothingNew) {
  proxy_->on({.target = kWatch}, fault::Answer{testing::chunked_answer({}, true)});
  auto& follower = start_follower();
  ASSERT_TRUE(await([&] { return watches() == 1; })) << log();
  const SteadyTime first = loop_.now();
  const std::string bookmark =
      R"({"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":")" +
      follower.store.resource_version() + "\"}}}\n";
  proxy_->on({.target = kWatch}, fault::Answer{testing::chunked_answer({bookmark}, true)});
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  const SteadyTime second = loop_.now();
  ASSERT_TRUE(await([&] { return watches() == 3; })) << log();
  EXPECT_GE(second - first, Millis{800}) << "after nothing at all";
  EXPECT_GE(loop_.now() - second, Millis{1'600}) << "after a bookmark of the version that it began with";
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 1U);
}

TEST_F(WatchesThatEndBadly, AreGivenUpWhenNothingComesAndOpenedAnew) {
  auto impatient = std::make_unique<testing::TamperingPort>(*faulty_);
  Millis asked{0};
  impatient->on_stream = [&](http::Request& request) {
    if (asked.count() == 0) asked = std::exchange(request.idle_timeout, seconds{1});
  };
  their_port_ = std::move(impatient);
  follow();
  EXPECT_EQ(asked, seconds{305}) << "longer than the server would be silent";
  proxy_->freeze();
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  EXPECT_EQ(ended("transport"), "1");
  EXPECT_EQ(traces(), "+first \n");
  proxy_->thaw();
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 1U);
  EXPECT_EQ(proxy_->watches(), 1U) << "the connection of the other one is closed";
}

TEST_F(WatchesThatEndBadly, AreFollowedByAListAfterAnEventThatIsTooLong) {
  const auto harmed =
      proxy_->on({.target = kWatch}, fault::Answer{testing::chunked_answer({testing::too_long_event()}, false)});
  start_follower();
  ASSERT_TRUE(await([&] { return harmed->applied == 1; })) << log();
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  EXPECT_EQ(ended("invalid"), "1");
  EXPECT_EQ(lists(), 2U);
  ASSERT_TRUE(make_config_map("third"));
  EXPECT_TRUE(all("+first +second +third ")) << traces();
}

}  // namespace
}  // namespace atelier::kube
