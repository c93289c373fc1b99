#include "registry/places.h"

#include <gtest/gtest.h>

#include <set>

namespace atelier::registry {
namespace {

using std::chrono::seconds;

class PlacesToAsk : public ::testing::Test {
 protected:
  std::set<Places::Id> take() {
    std::set<Places::Id> taken;
    while (const auto id = places_.next(now_)) taken.insert(*id);
    return taken;
  }
  void trust(const std::string& host) {
    places_.wait(host, 999'999);
    ASSERT_EQ(take(), std::set<Places::Id>{999'999});
    places_.end(999'999, true, now_);
  }

  Places places_;
  SteadyTime now_{std::chrono::hours{10}};
};

TEST_F(PlacesToAsk, AreFourForAHostInTheOrderOfTheLine) {
  for (Places::Id id = 1; id <= 6; ++id) places_.wait("a", id);
  EXPECT_EQ(take(), (std::set<Places::Id>{1, 2, 3, 4}));
  places_.end(2, true, now_);
  EXPECT_EQ(take(), std::set<Places::Id>{5});
  EXPECT_EQ(places_.taken(), 4U);
}

TEST_F(PlacesToAsk, AreTakenInTurnByTheHosts) {
  for (Places::Id id = 1; id <= 3; ++id) places_.wait("a", id);
  places_.wait("b", 10);
  places_.wait("c", 20);
  std::vector<Places::Id> order;
  while (const auto id = places_.next(now_)) order.push_back(*id);
  EXPECT_EQ(order, (std::vector<Places::Id>{1, 10, 20, 2, 3}));
}

TEST_F(PlacesToAsk, AreThirtyTwoInAll) {
  for (int host = 0; host < 20; ++host) trust("h" + std::to_string(host));
  for (Places::Id id = 0; id < 80; ++id) places_.wait("h" + std::to_string(id % 20), id);
  EXPECT_EQ(take().size(), 32U);
}

TEST_F(PlacesToAsk, OfHostsThatAreNotTrustedAreHalfOfAll) {
  trust("good");
  for (Places::Id id = 0; id < 100; ++id) places_.wait("bad" + std::to_string(id), id);
  EXPECT_EQ(take().size(), 16U);
  places_.wait("good", 200);
  EXPECT_EQ(take(), std::set<Places::Id>{200}) << "a hundred hosts that never answer keep nobody from asking another";
}

TEST_F(PlacesToAsk, AreTrustedToWhoAnsweredQuicklyLastTime) {
  const auto untrusted = [this](bool answered, Millis after) {
    Places fresh;
    fresh.wait("h", 1);
    static_cast<void>(fresh.next(now_));
    fresh.end(1, answered, now_ + after);
    for (Places::Id id = 10; id < 26; ++id) fresh.wait("x" + std::to_string(id), id);
    while (fresh.next(now_ + after)) {
    }
    fresh.wait("h", 2);
    return !fresh.next(now_ + after);
  };
  EXPECT_FALSE(untrusted(true, seconds{5}));
  EXPECT_TRUE(untrusted(true, Millis{5'001}));
  EXPECT_TRUE(untrusted(false, seconds{0}));
}

TEST_F(PlacesToAsk, AreNoneOfAHostThatWantsToBeLeftAlone) {
  places_.hold("a", now_ + seconds{60});
  places_.hold("a", now_ + seconds{30});
  places_.wait("a", 1);
  places_.wait("b", 2);
  EXPECT_EQ(take(), std::set<Places::Id>{2});
  EXPECT_EQ(places_.released(now_), now_ + seconds{60}) << "the longer wish counts";
  now_ += seconds{60};
  EXPECT_EQ(places_.released(now_), std::nullopt);
  EXPECT_EQ(take(), std::set<Places::Id>{1});
}

TEST_F(PlacesToAsk, ComeBackFromThoseThatAreNotWantedAnyMore) {
  for (Places::Id id = 1; id <= 6; ++id) places_.wait("a", id);
  take();
  places_.leave(5);
  places_.leave(1);
  EXPECT_EQ(take(), std::set<Places::Id>{6});
  places_.end(1, true, now_);
  EXPECT_EQ(places_.taken(), 4U) << "what was left is not given back twice";
}

TEST_F(PlacesToAsk, AreKeptForNoMoreHostsThanThereIsMemoryFor) {
  trust("good");
  for (Places::Id id = 0; id < 5'000; ++id) {
    places_.wait("bad" + std::to_string(id), id);
    take();
    places_.end(id, false, now_);
  }
  EXPECT_LE(places_.hosts(), 1'001U);
  for (Places::Id id = 10'000; id < 10'100; ++id) places_.wait("bad" + std::to_string(id), id);
  take();
  places_.wait("good", 1);
  EXPECT_EQ(take(), std::set<Places::Id>{1}) << "who was trusted still is";
}

}  // namespace
}  // namespace atelier::registry
