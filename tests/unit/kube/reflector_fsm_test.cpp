#include "atelier/kube/reflector_fsm.h"

#include <gtest/gtest.h>

#include <memory>

#include "support/fake_loop.h"

namespace atelier::kube {
namespace {

using testing::FakeRandom;
using Verdict = ReflectorFsm::Verdict;

// Actions as text, so that a test reads as a trace.
std::string text(const ReflectorFsm::Action& action) {
  if (std::holds_alternative<StreamList>(action)) return "stream";
  if (const auto* page = std::get_if<FetchPage>(&action)) {
    return std::string(page->first ? "list" : "page " + page->continue_token) + " limit " + std::to_string(page->limit);
  }
  if (const auto* replace = std::get_if<Replace>(&action)) return "replace " + replace->resource_version;
  if (const auto* watch = std::get_if<OpenWatch>(&action)) return "watch " + watch->resource_version;
  return "sleep " + std::to_string(std::get<Sleep>(action).delay.count());
}

WatchEvent event(std::string version, EventType type = EventType::modified) {
  WatchEvent event;
  event.type = type;
  event.identity.resource_version = std::move(version);
  return event;
}

class ReflectorMachine : public ::testing::Test {
 protected:
  void pass(Millis time) { now_ += time; }
  std::string page(std::string version, std::string token = {}) {
    return text(fsm_.page_fetched(now_, ListMeta{std::move(version), std::move(token)}));
  }
  std::string page_failed(Errc code) { return text(fsm_.page_fetched(now_, Error{code, "x"})); }
  std::string replaced() { return text(fsm_.replaced(now_)); }
  std::string ended() { return text(fsm_.watch_ended(now_, boost::outcome_v2::success())); }
  std::string failed(Errc code) { return text(fsm_.watch_ended(now_, Error{code, "x"})); }
  std::string slept() { return text(fsm_.slept(now_)); }
  void watching(std::string version) {
    fsm_.start(now_);
    page(std::move(version));
    replaced();
  }

  FakeRandom random_;
  ReflectorFsm fsm_{random_, false};
  SteadyTime now_{};
};

TEST_F(ReflectorMachine, ListsPageByPageAndWatchesFromThere) {
  EXPECT_EQ(text(fsm_.start(now_)), "list limit 500");
  EXPECT_EQ(page("10", "t1"), "page t1 limit 500");
  EXPECT_EQ(page("10", "t2"), "page t2 limit 500");
  EXPECT_EQ(page("10"), "replace 10");
  EXPECT_EQ(replaced(), "watch 10");
}

TEST_F(ReflectorMachine, WaitsAfterAShortWatchWithABookmarkOfTheVersionItHas) {
  watching("10");
  EXPECT_EQ(fsm_.accept(event("10", EventType::bookmark)), Verdict::ignore);
  pass(Millis{999});
  EXPECT_EQ(ended(), "sleep 800");
  EXPECT_EQ(slept(), "watch 10");
  EXPECT_EQ(fsm_.accept(event("11", EventType::bookmark)), Verdict::apply);
  EXPECT_EQ(ended(), "watch 11");
}

TEST_F(ReflectorMachine, ListsWithoutALimitWhenThePagesHaveExpired) {
  fsm_.start(now_);
  page("10", "t1");
  EXPECT_EQ(page_failed(Errc::gone), "list limit 0");
  EXPECT_EQ(page("12"), "replace 12");
}

TEST_F(ReflectorMachine, WaitsWhenEvenTheFullListHasExpired) {
  fsm_.start(now_);
  page("10", "t1");
  page_failed(Errc::gone);
  EXPECT_EQ(page_failed(Errc::gone), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500");
}

TEST_F(ReflectorMachine, BacksOffWhenAListFailsAndStartsItAnew) {
  fsm_.start(now_);
  page("10", "t1");
  EXPECT_EQ(page_failed(Errc::transport), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500");
}

TEST_F(ReflectorMachine, ResumesACleanlyEndedWatchAtTheLastVersionAtOnce) {
  watching("10");
  EXPECT_EQ(fsm_.accept(event("11")), Verdict::apply);
  EXPECT_EQ(fsm_.accept(event("15", EventType::bookmark)), Verdict::apply);
  EXPECT_EQ(ended(), "watch 15");
}

TEST_F(ReflectorMachine, BacksOffFromAWatchThatEndsAtOnceWithoutAnEvent) {
  watching("10");
  pass(Millis{999});
  EXPECT_EQ(ended(), "sleep 800");
  EXPECT_EQ(slept(), "watch 10");
  pass(Millis{1'000});
  EXPECT_EQ(ended(), "watch 10");
}

TEST_F(ReflectorMachine, ListsAgainWhenTheWatchsVersionIsGone) {
  watching("10");
  pass(Millis{5'000});
  EXPECT_EQ(failed(Errc::gone), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500");
  EXPECT_EQ(page("30"), "replace 30");
}

TEST_F(ReflectorMachine, ListsLessAndLessOftenWhenEveryWatchSoonIsGone) {
  watching("10");
  for (const char* delay : {"800", "1600", "3200"}) {
    pass(Millis{5'000});
    EXPECT_EQ(failed(Errc::gone), std::string("sleep ") + delay);
    slept();
    page("10");
    replaced();
  }
}

TEST_F(ReflectorMachine, DoesNotListInALoopWhenAFreshVersionIsGone) {
  watching("10");
  EXPECT_EQ(failed(Errc::gone), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500");
}

TEST_F(ReflectorMachine, ListsAgainAtOnceWhenAVersionIsGoneThatWasListedLongAgo) {
  watching("10");
  pass(Millis{30'000});
  EXPECT_EQ(failed(Errc::gone), "list limit 500");
  EXPECT_EQ(page("30"), "replace 30");
  replaced();
  EXPECT_TRUE(failed(Errc::gone).starts_with("sleep "));
}

// FakeRandom draws 0: at once.
TEST_F(ReflectorMachine, SleepsNoLongerThanTheServerIsAway) {
  watching("10");
  for (const Errc code : {Errc::transport, Errc::server, Errc::forbidden, Errc::unauthorized}) {
    EXPECT_TRUE(failed(code).starts_with("sleep "));
    EXPECT_EQ(fsm_.served(now_), Millis{0});
    EXPECT_EQ(fsm_.served(now_), std::nullopt) << "once for each sleep";
    EXPECT_EQ(slept(), "watch 10");
    pass(Millis{10'000});
  }
}

TEST_F(ReflectorMachine, SleepsOnWhereTheServerServesOthersAndNotThisOne) {
  watching("10");
  for (int i = 0; i < 3; ++i) {
    failed(Errc::forbidden);
    EXPECT_TRUE(fsm_.served(now_));
    slept();
  }
  failed(Errc::forbidden);
  EXPECT_EQ(fsm_.served(now_), std::nullopt);
  slept();
  pass(Millis{30'000});
  failed(Errc::forbidden);
  EXPECT_TRUE(fsm_.served(now_));
}

TEST_F(ReflectorMachine, SleepsOnWhereTheServerAskedForItOrRefusedWhatWasAsked) {
  watching("10");
  EXPECT_EQ(fsm_.served(now_), std::nullopt) << "it does not sleep";
  for (const Errc code : {Errc::throttled, Errc::gone, Errc::invalid}) {
    EXPECT_TRUE(failed(code).starts_with("sleep "));
    EXPECT_EQ(fsm_.served(now_), std::nullopt);
    slept();
    page("10");
    replaced();
  }
  Error error{Errc::server, "x"};
  error.retry_after = Millis{60'000};
  fsm_.watch_ended(now_, error);
  EXPECT_EQ(fsm_.served(now_), std::nullopt);
}

TEST_F(ReflectorMachine, IsNotKeptAsleepLongerByWhatIsAnsweredMeanwhile) {
  watching("10");
  EXPECT_EQ(failed(Errc::transport), "sleep 800");
  pass(Millis{800});
  EXPECT_EQ(fsm_.served(now_), std::nullopt);
}

TEST_F(ReflectorMachine, WatchesAgainWithoutAListWhenThrottledOrCutOff) {
  watching("10");
  for (const Errc code : {Errc::throttled, Errc::transport, Errc::server, Errc::unauthorized}) {
    EXPECT_TRUE(failed(code).starts_with("sleep "));
    EXPECT_EQ(slept(), "watch 10");
  }
}

TEST_F(ReflectorMachine, WaitsAsLongAsTheServerAsks) {
  watching("10");
  Error error{Errc::throttled, "x"};
  error.retry_after = Millis{17'000};
  EXPECT_EQ(text(fsm_.watch_ended(now_, error)), "sleep 17000");
}

TEST_F(ReflectorMachine, ListsAgainAfterAnEventItCannotRead) {
  watching("10");
  EXPECT_EQ(failed(Errc::invalid), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500");
}

TEST_F(ReflectorMachine, NeverAcceptsAnOlderVersionThanItHasSeen) {
  watching("100");
  EXPECT_EQ(fsm_.accept(event("99")), Verdict::ignore);
  EXPECT_EQ(fsm_.accept(event("100")), Verdict::ignore);
  EXPECT_EQ(fsm_.accept(event("101")), Verdict::apply);
  EXPECT_EQ(fsm_.accept(event("101")), Verdict::ignore);
  EXPECT_EQ(fsm_.resource_version(), "101");
}

TEST_F(ReflectorMachine, RefusesAListThatIsOlderThanWhatItHasSeen) {
  watching("100");
  pass(Millis{5'000});
  failed(Errc::gone);
  slept();
  const auto refused = fsm_.page_fetched(now_, ListMeta{"99", ""});
  EXPECT_EQ(text(refused), "sleep 1600");
  EXPECT_EQ(std::get<Sleep>(refused).refused_version, "99");
  EXPECT_EQ(slept(), "list limit 500");
  EXPECT_EQ(page("100"), "replace 100");
}

TEST_F(ReflectorMachine, TakesAMinuteOfOlderListsForARestore) {
  watching("100");
  pass(Millis{5'000});
  failed(Errc::gone);
  const auto refuse = [this] {
    slept();
    return std::get<Sleep>(fsm_.page_fetched(now_, ListMeta{"99", ""})).went_back;
  };
  EXPECT_FALSE(refuse());
  pass(Millis{59'999});
  EXPECT_FALSE(refuse());
  pass(Millis{1});
  EXPECT_TRUE(refuse());
  slept();
  EXPECT_EQ(page("100"), "replace 100");
  replaced();
  failed(Errc::gone);
  EXPECT_FALSE(refuse()) << "counted anew";
}

// As one from a version that a restore of etcd took away: the server waits until there are newer ones.
TEST_F(ReflectorMachine, ListsAgainAfterAWatchWithoutEvenABookmark) {
  watching("100");
  pass(Millis{149'999});
  EXPECT_EQ(ended(), "watch 100");
  pass(Millis{150'000});
  EXPECT_EQ(ended(), "list limit 500");
  EXPECT_EQ(page("100"), "replace 100");
  EXPECT_EQ(replaced(), "watch 100");
  EXPECT_EQ(fsm_.accept(event("40")), Verdict::ignore);
  pass(Millis{300'000});
  EXPECT_EQ(ended(), "list limit 500") << "what is older than the watch does not count";
  page("100");
  replaced();
  fsm_.accept(event("100", EventType::bookmark));
  pass(Millis{300'000});
  EXPECT_EQ(ended(), "watch 100");
}

TEST_F(ReflectorMachine, DoublesItsDelaysUpToThirtySecondsAndForgetsThemInTwoQuietMinutes) {
  watching("10");
  for (const char* delay : {"800", "1600", "3200", "6400", "12800", "25600", "30000", "30000"}) {
    EXPECT_EQ(failed(Errc::transport), std::string("sleep ") + delay);
    slept();
  }
  pass(Millis{30'000 + 120'000});
  EXPECT_EQ(failed(Errc::transport), "sleep 800");
}

// The bookmark after the objects of a streamed list.
WatchEvent list_end(std::string version) {
  WatchEvent end = event(std::move(version), EventType::bookmark);
  end.initial_events_end = true;
  return end;
}

class StreamingMachine : public ReflectorMachine {
 protected:
  StreamingMachine() { fsm_ = std::make_unique<ReflectorFsm>(random_); }
  std::string slept() { return text(fsm_->slept(now_)); }
  std::string failed(Errc code) { return text(fsm_->watch_ended(now_, Error{code, "x"})); }
  void watching(const std::string& version) {
    fsm_->start(now_);
    ASSERT_EQ(fsm_->accept(list_end(version)), Verdict::commit);
  }

  std::unique_ptr<ReflectorFsm> fsm_;
};

TEST_F(StreamingMachine, StagesWhatComesBeforeTheEndOfTheListAndAppliesWhatComesAfter) {
  EXPECT_EQ(text(fsm_->start(now_)), "stream");
  EXPECT_EQ(fsm_->accept(event("7", EventType::added)), Verdict::stage);
  EXPECT_EQ(fsm_->accept(event("3", EventType::added)), Verdict::stage) << "a list is not in the order of versions";
  EXPECT_EQ(fsm_->accept(event("9", EventType::deleted)), Verdict::stage);
  EXPECT_EQ(fsm_->accept(event("9", EventType::bookmark)), Verdict::ignore);
  EXPECT_EQ(fsm_->accept(list_end("10")), Verdict::commit);
  EXPECT_EQ(fsm_->resource_version(), "10");
  EXPECT_EQ(fsm_->accept(event("10")), Verdict::ignore);
  EXPECT_EQ(fsm_->accept(event("11")), Verdict::apply);
  EXPECT_EQ(text(fsm_->watch_ended(now_, boost::outcome_v2::success())), "watch 11");
}

TEST_F(StreamingMachine, AsksForPagesOnceTheServerRefusesToStream) {
  fsm_->start(now_);
  EXPECT_EQ(text(fsm_->watch_refused(now_, Error{Errc::invalid, "x"})), "list limit 500");
  fsm_->page_fetched(now_, ListMeta{"10", ""});
  EXPECT_EQ(text(fsm_->replaced(now_)), "watch 10");
  EXPECT_EQ(failed(Errc::gone), "sleep 800");
  EXPECT_EQ(slept(), "list limit 500") << "for good";
}

TEST_F(StreamingMachine, AsksForPagesThisOnceWhenALineOfTheListIsNoEvent) {
  fsm_->start(now_);
  fsm_->accept(event("7", EventType::added));
  EXPECT_EQ(failed(Errc::invalid), "list limit 500");
  fsm_->page_fetched(now_, ListMeta{"10", ""});
  EXPECT_EQ(text(fsm_->replaced(now_)), "watch 10");
  EXPECT_EQ(failed(Errc::gone), "sleep 800");
  EXPECT_EQ(slept(), "stream");
}

TEST_F(StreamingMachine, WaitsWhenTheServerRefusesForAnotherReason) {
  fsm_->start(now_);
  EXPECT_EQ(text(fsm_->watch_refused(now_, Error{Errc::forbidden, "x"})), "sleep 800");
  EXPECT_EQ(slept(), "stream");
}

TEST_F(StreamingMachine, HangsWhenNothingCameForTenSecondsAfterItsListWasIn) {
  fsm_->start(now_);
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{60'000})) << "a list that is being made ready is silent";
  now_ += Millis{5'000};
  fsm_->heard(now_);
  fsm_->accept(list_end("10"));
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{9'999}));
  EXPECT_TRUE(fsm_->hangs(now_ + Millis{10'000}));
  now_ += Millis{10'000};
  fsm_->heard(now_);
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{9'999}));
  EXPECT_EQ(failed(Errc::transport), "sleep 800");
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{60'000})) << "it sleeps";
  EXPECT_EQ(slept(), "watch 10");
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{9'999}));
  EXPECT_TRUE(fsm_->hangs(now_ + Millis{10'000})) << "not even a head";
  EXPECT_EQ(failed(Errc::gone), "sleep 1600");
  EXPECT_EQ(slept(), "stream");
  EXPECT_FALSE(fsm_->hangs(now_ + Millis{60'000}));
}

TEST_F(StreamingMachine, AsksForPagesWhenTheListDoesNotEnd) {
  EXPECT_EQ(std::get<StreamList>(fsm_->start(now_)).longest, Millis{120'000});
  fsm_->accept(event("7", EventType::added));
  EXPECT_EQ(text(fsm_->list_unended()), "list limit 500");
}

TEST_F(StreamingMachine, StreamsAgainAfterAFailure) {
  fsm_->start(now_);
  fsm_->accept(event("7", EventType::added));
  EXPECT_EQ(failed(Errc::transport), "sleep 800");
  EXPECT_EQ(slept(), "stream");
  EXPECT_EQ(text(fsm_->watch_ended(now_, boost::outcome_v2::success())), "sleep 1600") << "ended before the list was";
  EXPECT_EQ(slept(), "stream");
  Error busy{Errc::throttled, "x"};
  busy.retry_after = Millis{17'000};
  EXPECT_EQ(text(fsm_->watch_ended(now_, busy)), "sleep 17000");
}

TEST_F(StreamingMachine, WatchesOnWithoutAListAfterABrokenConnection) {
  watching("10");
  EXPECT_EQ(failed(Errc::transport), "sleep 800");
  EXPECT_EQ(slept(), "watch 10");
  EXPECT_EQ(failed(Errc::gone), "sleep 1600");
  EXPECT_EQ(slept(), "stream");
}

TEST_F(StreamingMachine, RefusesAListThatIsOlderThanWhatItHasSeen) {
  watching("100");
  failed(Errc::gone);
  slept();
  EXPECT_EQ(fsm_->accept(list_end("99")), Verdict::refuse);
  const auto refused = fsm_->refused(now_, "99");
  EXPECT_EQ(std::get<Sleep>(refused).refused_version, "99");
  EXPECT_EQ(slept(), "stream");
  EXPECT_EQ(fsm_->accept(list_end("100")), Verdict::commit);
}

TEST_F(ReflectorMachine, GoesOnSoonWhereALoadBalancerEndsEveryWatchAfterAMinute) {
  watching("10");
  for (int i = 0; i < 8; ++i) {
    pass(Millis{60'000});
    EXPECT_EQ(failed(Errc::transport), "sleep 800") << i;
    pass(Millis{800});
    EXPECT_EQ(slept(), "watch 10");
  }
}

TEST(ReflectorTiming, SpreadsDelaysAndWatchTimeouts) {
  FakeRandom high{0.999};
  ReflectorFsm fsm{high, false};
  fsm.start({});
  fsm.page_fetched({}, ListMeta{"1", ""});
  EXPECT_EQ(std::get<OpenWatch>(fsm.replaced({})).timeout, std::chrono::seconds{599});
  EXPECT_EQ(text(fsm.watch_ended({}, Error{Errc::transport, "x"})), "sleep 1599");
  FakeRandom low;
  ReflectorFsm other{low, false};
  other.start({});
  other.page_fetched({}, ListMeta{"1", ""});
  EXPECT_EQ(std::get<OpenWatch>(other.replaced({})).timeout, std::chrono::seconds{300});
}

}  // namespace
}  // namespace atelier::kube
