#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using std::chrono::seconds;
using testing::Ending;
namespace fault = testing::fault;

const std::string kGoneEvent =
    R"({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)"
    R"("message":"too old resource version",
                  "reason" : "Expired", "code" : 410
}
})"
    "\n";

class WatchesOverABadNetwork : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("first"));
  }
  // A watch that is broken off at every one of these bytes behind the name of a new object, each by a follower.
  void break_off(Ending ending) {
    const std::vector<std::size_t> places{0, 1, 2, 30, 100, 250, 400};
    for (std::size_t i = 0; i < places.size(); ++i) {
      proxy_->on({.target = kWatch, .from = i + 1}, fault::Cut{{R"("name":"second")", places[i]}, ending});
    }
    for (std::size_t i = 0; i < places.size(); ++i) follow();
    ASSERT_TRUE(make_config_map("second", {{"text", std::string(300, 'x')}}));
    ASSERT_TRUE(await([&] { return watches() == 2 * places.size(); })) << log();
    ASSERT_TRUE(make_config_map("third"));
    EXPECT_TRUE(all("+first +second +third ")) << traces() << log();
    EXPECT_EQ(lists(), places.size()) << "nothing is listed again";
  }
};

TEST_F(WatchesOverABadNetwork, GoOnAfterAResetInTheMiddleOfAnEvent) { break_off(Ending::reset); }

TEST_F(WatchesOverABadNetwork, GoOnAfterTheEndOfAConnectionInTheMiddleOfAnEvent) { break_off(Ending::close); }

TEST_F(WatchesOverABadNetwork, ForgetHalfAnEventOfAnAnswerThatIsComplete) {
  const std::string half = R"({"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"se)";
  proxy_->on({.target = kWatch}, fault::Answer{testing::chunked_answer({half}, true)});
  start_follower();
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 1U);
}

TEST_F(WatchesOverABadNetwork, ReadWhatComesByteByByte) {
  proxy_->on({.times = testing::kAlways}, fault::Slice{1});
  follow();
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("first"))));
  EXPECT_TRUE(all("+first +second -first ")) << traces();
  EXPECT_EQ(lists(), 1U);
  EXPECT_EQ(watches(), 1U);
}

TEST_F(WatchesOverABadNetwork, ListAgainWhenTheirVersionIsGone) {
  proxy_->on({.target = kWatch}, fault::Answer{testing::status_answer(410, "Expired")});
  proxy_->on({.target = kWatch, .from = 2}, fault::Answer{testing::chunked_answer({kGoneEvent}, true)});
  for (int i = 0; i < 2; ++i) start_follower();
  ASSERT_TRUE(await([&] { return watches() == 4; })) << log();
  EXPECT_EQ(lists(), 4U);
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
}

TEST_F(WatchesOverABadNetwork, WaitAsLongAsTheServerSaysAndListNothing) {
  const auto refused = proxy_->on(
      {.target = kWatch}, fault::Answer{testing::status_answer(429, "TooManyRequests", {{"Retry-After", "2"}})});
  start_follower();
  ASSERT_TRUE(await([&] { return refused->applied == 1; }));
  const SteadyTime told = loop_.now();
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  EXPECT_GE(loop_.now() - told, seconds{2} - Millis{100});
  EXPECT_EQ(lists(), 1U);
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
}

TEST_F(WatchesOverABadNetwork, GoOnAfterAServerThatFails) {
  proxy_->on({.target = kWatch}, fault::Answer{testing::status_answer(503, "ServiceUnavailable")});
  proxy_->on({.target = kWatch, .from = 2}, fault::Answer{"SSH-2.0-OpenSSH_9.2\r\n", true});
  for (int i = 0; i < 2; ++i) start_follower();
  ASSERT_TRUE(await([&] { return watches() == 4; })) << log();
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 2U);
}

TEST_F(WatchesOverABadNetwork, ListAgainWhenAnEventMakesNoSense) {
  proxy_->on({.target = kWatch}, fault::Answer{testing::chunked_answer({"<html>please log in</html>\n"}, true)});
  start_follower();
  ASSERT_TRUE(await([&] { return watches() == 2; })) << log();
  EXPECT_EQ(lists(), 2U);
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
}

TEST_F(WatchesOverABadNetwork, AreOpenedAgainWhenAllOfThemBreak) {
  for (int i = 0; i < 5; ++i) follow();
  for (const Ending ending : {Ending::reset, Ending::close}) {
    const std::size_t before = watches();
    proxy_->cut_watches(ending);
    ASSERT_TRUE(make_config_map(ending == Ending::reset ? "second" : "third"));
    ASSERT_TRUE(await([&] { return watches() == before + 5; })) << log();
  }
  EXPECT_TRUE(all("+first +second +third ")) << traces();
  EXPECT_EQ(lists(), 5U);
}

TEST_F(WatchesOverABadNetwork, AreOpenedAgainWhenTheServerIsBack) {
  follow();
  proxy_->refuse();
  proxy_->cut_all(Ending::reset);
  ASSERT_TRUE(make_config_map("second"));
  const SteadyTime down = loop_.now();
  ASSERT_FALSE(await([&] { return watches() > 1 || loop_.now() - down > seconds{1}; }) && watches() > 1);
  EXPECT_EQ(traces(), "+first \n");
  proxy_->listen();
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 1U);
}

TEST_F(WatchesOverABadNetwork, BringWhatWasHeldBackInOrder) {
  for (int i = 0; i < 3; ++i) follow();
  proxy_->freeze();
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(ask_faulty(delete_(kConfigMaps, key("first")))) << "requests go on";
  ASSERT_TRUE(ask_faulty(new_config_map("third")));
  EXPECT_EQ(traces(), "+first \n+first \n+first \n");
  proxy_->thaw();
  EXPECT_TRUE(all("+first +second -first +third ")) << traces();
  EXPECT_EQ(watches(), 3U);
}

TEST_F(WatchesOverABadNetwork, TellNothingTwiceThatComesTwice) {
  auto& follower = follow();
  const std::string old = follower.store.resource_version();
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("first"), {{"data", {{"x", "1"}}}})));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("second"))));
  ASSERT_TRUE(all("+first +second ~first -second ")) << traces();
  const std::string seen = follower.store.resource_version();
  const auto repeat = proxy_->on({.target = kWatch}, fault::Rewrite{[&](std::string target) {
                                   const std::size_t at = target.find("resourceVersion=" + seen);
                                   EXPECT_NE(at, std::string::npos) << target;
                                   return target.replace(at + 16, seen.size(), old);
                                 }});
  std::string versions;
  follower.store.on_progress([&] { versions += follower.store.resource_version() + " "; });
  proxy_->cut_watches(Ending::reset);
  ASSERT_TRUE(await([&] { return repeat->applied == 1; }));
  ASSERT_TRUE(make_config_map("third"));
  EXPECT_TRUE(all("+first +second ~first -second +third ")) << traces();
  EXPECT_EQ(versions, follower.store.resource_version() + " ") << "never back in time";
}

// What the reflector's own time-out, five minutes or more, does with a watch on which nothing comes.
TEST_F(WatchesOverABadNetwork, AreGivenUpWhenNothingComes) {
  struct Silence final : http::StreamHandler {
    void on_head(int status_in, const http::Headers&) override { status = status_in; }
    void on_data(std::string_view) override {}
    void on_end(Result<void> result) override { ended = std::move(result); }
    int status = 0;
    std::optional<Result<void>> ended;
  };
  const auto made = make_config_map("second");
  ASSERT_TRUE(made);
  WatchOptions options;
  options.resource_version = made.value()["metadata"]["resourceVersion"];
  proxy_->on({.target = kWatch}, fault::Swallow{});
  proxy_->on({.target = kWatch, .from = 2}, fault::Stall{{"\r\n\r\n"}});
  std::vector<Silence> silences(2);
  std::vector<std::unique_ptr<http::Call>> calls;
  for (Silence& silence : silences) {
    http::Request request = watch(kConfigMaps, ns_, options);
    request.idle_timeout = seconds{1};
    calls.push_back(faulty_->stream(std::move(request), silence));
  }
  ASSERT_TRUE(await([&] { return silences[0].ended && silences[1].ended; }));
  for (const Silence& silence : silences) {
    ASSERT_FALSE(*silence.ended);
    EXPECT_EQ(silence.ended->error().code, Errc::transport);
  }
  EXPECT_EQ(silences[0].status, 0);
  EXPECT_EQ(silences[1].status, 200);
  EXPECT_TRUE(await([&] { return proxy_->watches() == 0; })) << "their connections are closed";
}

}  // namespace
}  // namespace atelier::kube
