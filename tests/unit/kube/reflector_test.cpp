#include "atelier/kube/reflector.h"

#include <gtest/gtest.h>

#include "atelier/kube/store.h"
#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

using testing::FakeLoop;
using testing::FakeRandom;
using testing::ScriptedPort;

Result<std::shared_ptr<const std::string>> decode(std::string_view object) {
  return std::make_shared<const std::string>(object);
}

std::string pod(const std::string& name, const std::string& version) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"a","uid":"u-)" + name + R"(","resourceVersion":")" +
         version + R"("}})";
}
std::string page(const std::string& version, const std::string& items, const std::string& token = {}) {
  return R"({"metadata":{"resourceVersion":")" + version + R"(","continue":")" + token + R"("},"items":[)" + items +
         "]}";
}
std::string line(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

class Reflectors : public ::testing::Test {
 protected:
  Reflectors() { reflector_->start(); }
  void reply(std::size_t index, int status, std::string body) {
    port_.reply(index, status, std::move(body));
    loop_.run_ready();
  }
  void send(std::size_t index, std::string bytes) {
    port_.data(index, std::move(bytes));
    loop_.run_ready();
  }
  std::string names() const {
    std::string all;
    store_.each([&](const ObjectKey& key, const auto&) { all += key.name + " "; });
    return all;
  }
  std::size_t watching(const std::string& version) {  // after a list of pod p
    reply(0, 200, page(version, pod("p", "1")));
    port_.head(1, 200);
    loop_.run_ready();
    return 1;
  }

  FakeLoop loop_;
  FakeRandom random_;
  ScriptedPort port_{loop_};
  Store<std::string> store_{"pods", decode};
  std::unique_ptr<Reflector> reflector_ =
      std::make_unique<Reflector>(Scope{kPods, "a", "x=y", "", false}, store_, port_, loop_, random_);
};

TEST_F(Reflectors, FillTheStoreFromPagesThatTakeEffectTogether) {
  EXPECT_EQ(port_.line(0), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
  reply(0, 200, page("10", pod("p", "1"), "more"));
  EXPECT_FALSE(store_.synced());
  EXPECT_EQ(port_.line(1), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500&continue=more");
  reply(1, 200, page("10", pod("q", "2")));
  EXPECT_EQ(names(), "p q ");
  EXPECT_EQ(port_.line(2),
            "GET /api/v1/namespaces/a/pods?watch=1&allowWatchBookmarks=true&labelSelector=x%3Dy&resourceVersion=10"
            "&timeoutSeconds=300");
}

TEST_F(Reflectors, ApplyEventsCutAnywhere) {
  const auto watch = watching("10");
  const std::string bytes = line("ADDED", pod("q", "11")) + line("DELETED", pod("p", "12"));
  for (const char byte : bytes) send(watch, std::string(1, byte));
  EXPECT_EQ(names(), "q ");
  EXPECT_EQ(store_.resource_version(), "12");
}

TEST_F(Reflectors, IgnoreEventsOlderThanTheStore) {
  const auto watch = watching("10");
  send(watch, line("DELETED", pod("p", "9")));
  EXPECT_EQ(names(), "p ");
}

TEST_F(Reflectors, ResumeAfterAnEndWithTheVersionOfTheLastBookmark) {
  const auto watch = watching("10");
  send(watch, line("BOOKMARK", R"({"metadata":{"resourceVersion":"42"}})"));
  port_.end(watch);
  loop_.run_ready();
  EXPECT_NE(port_.line(2).find("resourceVersion=42"), std::string::npos);
}

TEST_F(Reflectors, OpenAWatchThatHangsAnewOnceTheCacheIsBehind) {
  const auto watch = watching("10");
  loop_.advance(Millis{9'999});
  store_.tell_behind("a");
  EXPECT_FALSE(port_.cancelled(watch)) << "it may yet come";
  loop_.advance(Millis{1});
  store_.tell_behind("a");
  EXPECT_TRUE(port_.cancelled(watch));
  store_.tell_behind("a");
  loop_.advance(Millis{800});
  EXPECT_NE(port_.line(2).find("resourceVersion=10"), std::string::npos) << port_.line(2);
  port_.head(2, 200);
  loop_.advance(Millis{9'000});
  send(2, "{");  // the begin of a line is a sign of life
  loop_.advance(Millis{9'000});
  store_.tell_behind("a");
  EXPECT_FALSE(port_.cancelled(2));
  reflector_.reset();
  store_.tell_behind("a");
}

TEST_F(Reflectors, ListAgainWhenAnErrorEventSaysExpired) {
  const auto watch = watching("10");
  loop_.advance(Millis{2'000});
  send(watch, line("ERROR", R"({"kind":"Status","code":410,"reason":"Expired","message":"too old"})"));
  EXPECT_TRUE(port_.cancelled(watch));
  loop_.advance(Millis{800});
  EXPECT_EQ(port_.line(2), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
  EXPECT_EQ(names(), "p ");  // the old state serves until the new one is in
  reply(2, 200, page("50", ""));
  EXPECT_EQ(names(), "");
}

TEST_F(Reflectors, ListAgainWhenTheWatchIsRefusedAsGone) {
  reply(0, 200, page("10", ""));
  loop_.advance(Millis{2'000});
  port_.head(1, 410);
  port_.data(1, R"({"reason":"Gone",)");
  port_.data(1, R"("code":410})");
  port_.end(1);
  loop_.advance(Millis{800});
  EXPECT_EQ(port_.line(2), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
}

TEST_F(Reflectors, WatchAgainAfterADelayWhenTheConnectionBreaks) {
  const auto watch = watching("10");
  port_.end(watch, Error{Errc::transport, "reset"});
  loop_.advance(Millis{799});
  EXPECT_EQ(port_.count(), 2U);
  loop_.advance(Millis{1});
  EXPECT_NE(port_.line(2).find("watch=1"), std::string::npos);
}

TEST_F(Reflectors, WatchAgainAsSoonAsTheServerAnswersAnotherRequest) {
  Reachability reachability;
  reflector_->hear(reachability);
  ReachabilityPort heard{port_, reachability};
  watching("1");
  for (int i = 0; i < 6; ++i) {  // until the next try is far away
    port_.end(port_.count() - 1, Error{Errc::transport, "refused"});
    loop_.advance(Millis{30'000});
  }
  port_.end(port_.count() - 1, Error{Errc::transport, "refused"});
  loop_.run_ready();

  const auto others = [&](int status) {
    const auto call = heard.send({}, [](const auto&) {});
    reply(port_.count() - 1, status, "");
    return port_.line(port_.count() - 1);
  };
  EXPECT_EQ(others(503).find("watch=1"), std::string::npos);
  EXPECT_NE(others(200).find("watch=1"), std::string::npos);
}

TEST_F(Reflectors, StartOverAfterALineThatIsNoEvent) {
  const auto watch = watching("10");
  send(watch, line("ADDED", pod("q", "11")) + "nonsense\n" + line("ADDED", pod("r", "12")));
  EXPECT_EQ(names(), "p q ");
  loop_.advance(Millis{800});
  EXPECT_EQ(port_.line(2), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
}

TEST_F(Reflectors, ForgetThePagesOfAListThatDidNotComplete) {
  reply(0, 200, page("10", pod("p", "1"), "more"));
  port_.fail(1);
  loop_.advance(Millis{800});
  reply(2, 200, page("11", pod("q", "2")));
  EXPECT_EQ(names(), "q ");
}

TEST_F(Reflectors, TakeATruncatedListForNone) {
  const std::string whole = page("10", pod("p", "1"));
  reply(0, 200, whole.substr(0, whole.size() - 2));
  EXPECT_FALSE(store_.synced());
  loop_.advance(Millis{800});
  EXPECT_EQ(port_.count(), 2U);
}

TEST_F(Reflectors, TellOnceThatAListIsOlderThanWhatTheyHaveSeen) {
  const auto watch = watching("1000");
  port_.end(watch, Error{Errc::gone, "too old"});
  loop_.advance(Millis{800});
  ::testing::internal::CaptureStderr();
  reply(2, 200, page("99", ""));
  loop_.advance(Millis{1'600});
  reply(3, 200, page("99", ""));
  EXPECT_EQ(names(), "p ");
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(told.ends_with("resource=a/pods listed=99 seen=1000\n")) << told;
  EXPECT_EQ(told.find('\n'), told.size() - 1) << told;
}

TEST_F(Reflectors, SayBehindAFailureWhatTheirReaderAdvises) {
  reflector_->on_advice([](const Error& error) { return error.http_status == 403 ? "grant it" : ""; });
  ::testing::internal::CaptureStderr();
  reply(0, 403, R"({"kind":"Status","reason":"Forbidden","message":"no"})");
  std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(told.ends_with("a list failed resource=a/pods error=\"no; grant it\"\n")) << told;
  loop_.advance(Millis{1'600});
  ::testing::internal::CaptureStderr();
  reply(1, 500, R"({"kind":"Status","message":"no"})");
  told = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(told.ends_with("a list failed resource=a/pods error=no\n")) << told;
}

TEST_F(Reflectors, EndWhenListsStayOlderThanWhatTheyHaveSeen) {
  int told = 0;
  reflector_->on_went_back([&told] { ++told; });
  port_.end(watching("1000"), Error{Errc::gone, "too old"});
  const SteadyTime end = loop_.now() + Millis{61'000} + Millis{30'000};
  while (told == 0 && loop_.now() < end) {
    loop_.advance(Millis{200});
    for (const auto index : port_.open()) reply(index, 200, page("99", ""));
  }
  EXPECT_EQ(told, 1);
  const std::size_t asked = port_.count();
  loop_.advance(Millis{600'000});
  EXPECT_EQ(port_.count(), asked) << "nothing more is listed";
  EXPECT_EQ(names(), "p ");
}

std::string list_end(const std::string& version) {
  return line("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":")" + version +
                              R"(","annotations":{"k8s.io/initial-events-end":"true"}}})");
}

class StreamingReflectors : public Reflectors {
 protected:
  StreamingReflectors() {
    reflector_ = std::make_unique<Reflector>(Scope{kPods, "a", "x=y", ""}, store_, port_, loop_, random_);
    reflector_->start();
    first_ = port_.count() - 1;
    port_.head(first_, 200);
    loop_.run_ready();
  }

  std::size_t first_;
};

TEST_F(StreamingReflectors, FillTheStoreAtTheEndOfTheListAndWatchOnInTheSameRequest) {
  EXPECT_EQ(port_.line(first_),
            "GET /api/v1/namespaces/a/pods?watch=1&allowWatchBookmarks=true&labelSelector=x%3Dy"
            "&resourceVersionMatch=NotOlderThan&sendInitialEvents=true&timeoutSeconds=300");
  send(first_, line("ADDED", pod("p", "1")) + line("ADDED", pod("q", "2")) + line("ADDED", pod("r", "3")));
  send(first_, line("DELETED", pod("q", "11")) + line("MODIFIED", pod("r", "12")));
  EXPECT_FALSE(store_.synced());
  EXPECT_EQ(names(), "");
  send(first_, list_end("12"));
  EXPECT_TRUE(store_.synced());
  EXPECT_EQ(names(), "p r ");
  EXPECT_EQ(store_.resource_version(), "12");
  EXPECT_EQ(store_.version_of({"a", "r"}), "12");
  send(first_, line("ADDED", pod("s", "13")));
  EXPECT_EQ(names(), "p r s ");
  EXPECT_EQ(port_.count(), first_ + 1);
  loop_.advance(Millis{200'000});
  EXPECT_EQ(port_.count(), first_ + 1) << "a list that has ended has no time limit";
}

TEST_F(StreamingReflectors, CountTheirListsAndTheEndsOfTheirWatches) {
  Metrics metrics;
  reflector_ = std::make_unique<Reflector>(Scope{kPods, "a", "x=y", ""}, store_, port_, loop_, random_);
  reflector_->measure(metrics);
  reflector_->start();
  first_ = port_.count() - 1;
  port_.head(first_, 200);
  loop_.advance(Millis{2'000});
  send(first_, list_end("10"));
  port_.end(first_);
  loop_.run_ready();
  port_.end(first_ + 1, Error{Errc::transport, "reset"});
  loop_.run_ready();
  const std::string scrape = metrics.scrape();
  for (const char* line : {"atelier_list_duration_seconds_count{resource=\"pods\"} 1\n",
                           "atelier_list_duration_seconds_sum{resource=\"pods\"} 2\n",
                           "atelier_watch_restarts_total{reason=\"timeout\",resource=\"pods\"} 1\n",
                           "atelier_watch_restarts_total{reason=\"transport\",resource=\"pods\"} 1\n"}) {
    EXPECT_NE(scrape.find(line), std::string::npos) << line << scrape;
  }
}

TEST_F(StreamingReflectors, KeepTheOldStateUntilTheNewListIsIn) {
  send(first_, line("ADDED", pod("p", "1")) + list_end("10"));
  send(first_, line("ERROR", R"({"kind":"Status","code":410,"reason":"Expired","message":"too old"})"));
  loop_.advance(Millis{800});
  const std::size_t second = port_.count() - 1;
  ASSERT_EQ(second, first_ + 1);
  port_.head(second, 200);
  send(second, line("ADDED", pod("q", "20")));
  EXPECT_EQ(names(), "p ");
  send(second, list_end("21"));
  EXPECT_EQ(names(), "q ");
}

TEST_F(StreamingReflectors, ForgetAListThatDidNotComplete) {
  send(first_, line("ADDED", pod("p", "1")));
  port_.end(first_, Error{Errc::transport, "reset"});
  loop_.advance(Millis{800});
  const std::size_t second = port_.count() - 1;
  port_.head(second, 200);
  send(second, line("ADDED", pod("q", "2")) + list_end("10"));
  EXPECT_EQ(names(), "q ");
}

TEST_F(StreamingReflectors, AskForPagesWhereStreamsAreRefused) {
  reflector_ = std::make_unique<Reflector>(Scope{kPods, "a", "x=y", ""}, store_, port_, loop_, random_);
  reflector_->start();
  const std::size_t asked = port_.count() - 1;
  port_.head(asked, 422);
  port_.data(asked, R"({"kind":"Status","reason":"Invalid","message":"sendInitialEvents: Forbidden","code":422})");
  port_.end(asked);
  loop_.run_ready();
  EXPECT_EQ(port_.line(asked + 1), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
  reply(asked + 1, 200, page("10", pod("p", "1")));
  EXPECT_EQ(names(), "p ");
}

TEST_F(StreamingReflectors, AskForPagesWhenTheListDoesNotEnd) {
  send(first_, line("ADDED", pod("p", "1")));
  loop_.advance(Millis{119'999});
  EXPECT_FALSE(port_.cancelled(first_));
  loop_.advance(Millis{1});
  EXPECT_TRUE(port_.cancelled(first_));
  EXPECT_EQ(port_.line(first_ + 1), "GET /api/v1/namespaces/a/pods?labelSelector=x%3Dy&limit=500");
  reply(first_ + 1, 200, page("10", pod("q", "1")));
  EXPECT_EQ(names(), "q ");
}

TEST_F(Reflectors, StopWhenDestroyed) {
  watching("10");
  reflector_.reset();
  EXPECT_TRUE(port_.cancelled(1));
  EXPECT_EQ(loop_.next(), std::nullopt);
}

TEST(DividedReflectors, FillOneStoreFromSeveralNamespaces) {
  FakeLoop loop;
  FakeRandom random;
  ScriptedPort port{loop};
  Store<std::string> store{"pods", decode};
  store.divide({"a", "b"});
  Reflector first{Scope{kPods, "a", "", "", false}, store, port, loop, random};
  Reflector second{Scope{kPods, "b", "", "", false}, store, port, loop, random};
  first.start();
  second.start();
  port.reply(0, 200, page("10", pod("p", "1")));
  loop.run_ready();
  EXPECT_FALSE(store.synced());
  port.reply(1, 403,
             R"({"kind":"Status","status":"Failure","reason":"Forbidden","message":"no Role there","code":403})");
  loop.run_ready();
  EXPECT_EQ(store.unlisted(), std::vector<std::string>{"pods in b"}) << "what cannot be listed is not taken for empty";
  loop.advance(Millis{60'000});
  const std::size_t again = port.open().back();
  EXPECT_EQ(port.line(again), "GET /api/v1/namespaces/b/pods?limit=500");
  port.reply(again, 200, page("12", ""));
  loop.run_ready();
  EXPECT_TRUE(store.synced());
  EXPECT_EQ(store.size(), 1U) << "an empty list of b is no word about a";
  EXPECT_EQ(store.resource_version("a"), "10");
}

}  // namespace
}  // namespace atelier::kube
