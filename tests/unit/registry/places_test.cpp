#include "registry/places.h"

#include <gtest/gtest.h>

#include <set>

namespace atelier::registry {
namespace {

using std::chrono::seconds;

class PlacesToAsk : public ::testing::Test {
 protected:
  void wait(const std::string& name, const std::string& host, Places::Id id) { places_.wait({host, ""}, {name}, id); }
  std::vector<Places::Id> in_order() {
    std::vector<Places::Id> order;
    while (const auto id = places_.next(now_)) order.push_back(*id);
    return order;
  }
  std::set<Places::Id> take() {
    const auto order = in_order();
    return {order.begin(), order.end()};
  }
  void trust(const std::string& name, const std::string& host) {
    wait(name, host, 999'999);
    ASSERT_EQ(take(), std::set<Places::Id>{999'999});
    places_.end(999'999, true, now_);
  }

  Places places_;
  SteadyTime now_{std::chrono::hours{10}};
};

TEST_F(PlacesToAsk, AreFourForAHostInTheOrderOfTheLine) {
  for (Places::Id id = 1; id <= 6; ++id) wait("ns", "a", id);
  EXPECT_EQ(take(), (std::set<Places::Id>{1, 2, 3, 4}));
  places_.end(2, true, now_);
  EXPECT_EQ(take(), std::set<Places::Id>{5});
  EXPECT_EQ(places_.taken(), 4U);
}

TEST_F(PlacesToAsk, AreTakenInTurnByTheHostsOfANamespace) {
  for (Places::Id id = 1; id <= 3; ++id) wait("ns", "a", id);
  wait("ns", "b", 10);
  wait("ns", "c", 20);
  EXPECT_EQ(in_order(), (std::vector<Places::Id>{1, 10, 20, 2}));
}

TEST_F(PlacesToAsk, AreTakenInTurnByTheNamespacesAtAHostToo) {
  for (Places::Id id = 1; id <= 9; ++id) wait("a", "shared", id);
  wait("b", "shared", 10);
  wait("c", "shared", 20);
  EXPECT_EQ(in_order(), (std::vector<Places::Id>{1, 10, 20, 2}));
  wait("b", "shared", 11);
  places_.end(1, true, now_);
  EXPECT_EQ(in_order(), std::vector<Places::Id>{11}) << "it got its place longer ago than a";
}

// Whose turn it is does not depend on who else gets places elsewhere.
TEST_F(PlacesToAsk, AreKeptFromNobodyByANamespaceThatAlwaysComesBack) {
  for (Places::Id id = 1; id <= 4; ++id) wait("a", "shared", id);
  take();
  wait("b", "shared", 10);
  Places::Id next = 100;
  for (int i = 0; i < 5; ++i) wait("a", "shared", ++next);
  places_.end(1, true, now_);
  EXPECT_EQ(take(), std::set<Places::Id>{101}) << "b came later than a";
  wait("c", "elsewhere", 1'000);
  EXPECT_EQ(take(), std::set<Places::Id>{1'000});
  places_.end(2, true, now_);
  EXPECT_EQ(take(), std::set<Places::Id>{10});
}

TEST_F(PlacesToAsk, AreThirtyTwoInAll) {
  for (int host = 0; host < 20; ++host) trust("n" + std::to_string(host), "h" + std::to_string(host));
  for (Places::Id id = 0; id < 80; ++id) wait("n" + std::to_string(id % 20), "h" + std::to_string(id % 20), id);
  EXPECT_EQ(take().size(), 32U);
}

TEST_F(PlacesToAsk, AreSixForANamespaceHoweverManyHostsItNamesAndTrusts) {
  for (int port = 1; port <= 40; ++port) trust("evil", "evil.test:" + std::to_string(port));
  for (Places::Id id = 1; id <= 40; ++id) wait("evil", "evil.test:" + std::to_string(id), id);
  EXPECT_EQ(take().size(), Places::kOfNamespace);
  wait("good", "registry.local", 100);
  EXPECT_EQ(take(), std::set<Places::Id>{100});
}

TEST_F(PlacesToAsk, OfHostsThatAreNotTrustedAreFourForANamespace) {
  trust("ns", "good");
  for (Places::Id id = 0; id < 100; ++id) wait("ns", "bad" + std::to_string(id), id);
  EXPECT_EQ(take().size(), Places::kUntrustedOfNamespace);
  wait("ns", "good", 200);
  EXPECT_EQ(take(), std::set<Places::Id>{200}) << "a hundred hosts that never answer keep nobody from asking another";
}

TEST_F(PlacesToAsk, OfHostsThatAreNotTrustedAreHalfOfAll) {
  trust("good", "h");
  for (Places::Id id = 0; id < 100; ++id) wait("n" + std::to_string(id), "bad" + std::to_string(id), id);
  EXPECT_EQ(take().size(), Places::kUntrusted);
  wait("good", "h", 200);
  EXPECT_EQ(take(), std::set<Places::Id>{200});
}

TEST_F(PlacesToAsk, AreTrustedToWhoAnsweredQuicklyLastTime) {
  const auto untrusted = [this](bool answered, Millis after) {
    Places fresh;
    fresh.wait({"h", ""}, {"ns"}, 1);
    static_cast<void>(fresh.next(now_));
    fresh.end(1, answered, now_ + after);
    for (Places::Id id = 10; id < 14; ++id) fresh.wait({"x" + std::to_string(id), ""}, {"ns"}, id);
    while (fresh.next(now_ + after)) {
    }
    fresh.wait({"h", ""}, {"ns"}, 2);
    return !fresh.next(now_ + after);
  };
  EXPECT_FALSE(untrusted(true, seconds{5}));
  EXPECT_TRUE(untrusted(true, Millis{5'001}));
  EXPECT_TRUE(untrusted(false, seconds{0}));
}

TEST_F(PlacesToAsk, AreWaitedForByAllWhoAskAndChargedToOne) {
  for (Places::Id id = 1; id <= 9; ++id) wait("full", "h" + std::to_string(id), id);
  take();
  places_.wait({"shared", ""}, {"full"}, 20);
  EXPECT_TRUE(take().empty());
  places_.join(20, "other");
  EXPECT_EQ(take(), std::set<Places::Id>{20}) << "who asks with a namespace that has all its places does not wait";
  for (Places::Id id = 30; id <= 39; ++id) wait("other", "x" + std::to_string(id), id);
  EXPECT_EQ(take().size(), Places::kUntrustedOfNamespace - 1);
}

TEST_F(PlacesToAsk, AreNotTakenForANamespaceThatDoesNotAskAnyMore) {
  for (Places::Id id = 1; id <= 4; ++id) wait("full", "h" + std::to_string(id), id);
  take();
  places_.wait({"shared", ""}, {"full", "other"}, 20);
  places_.part(20, "other");
  EXPECT_TRUE(take().empty());
}

TEST_F(PlacesToAsk, AreNoneOfAHostThatWantsToBeLeftAlone) {
  places_.hold({"a", ""}, now_ + seconds{60});
  places_.hold({"a", ""}, now_ + seconds{30});
  wait("ns", "a", 1);
  places_.wait({"a", "ann"}, {"ns"}, 2);
  wait("ns", "b", 3);
  EXPECT_EQ(take(), std::set<Places::Id>{3});
  EXPECT_EQ(places_.released(now_), now_ + seconds{60}) << "the longer wish counts";
  now_ += seconds{60};
  EXPECT_EQ(places_.released(now_), std::nullopt);
  EXPECT_EQ(take(), (std::set<Places::Id>{1, 2}));
}

TEST_F(PlacesToAsk, AreThoseOfOthersThanWhoseCredentialsAreLimited) {
  places_.hold({"a", "ann"}, now_ + seconds{60});
  places_.wait({"a", "ann"}, {"ns"}, 1);
  places_.wait({"a", "bob"}, {"ns"}, 2);
  wait("ns", "a", 3);
  EXPECT_EQ(take(), (std::set<Places::Id>{2, 3}));
  EXPECT_EQ(places_.released(now_), now_ + seconds{60});
}

TEST_F(PlacesToAsk, ComeBackFromThoseThatAreNotWantedAnyMore) {
  for (Places::Id id = 1; id <= 6; ++id) wait("ns", "a", id);
  take();
  places_.leave(5);
  places_.leave(1);
  EXPECT_EQ(take(), std::set<Places::Id>{6});
  places_.end(1, true, now_);
  EXPECT_EQ(places_.taken(), 4U) << "what was left is not given back twice";
}

TEST_F(PlacesToAsk, AreKeptForNoMoreHostsThanThereIsMemoryFor) {
  trust("good", "h");
  trust("ns", "good");
  for (Places::Id id = 0; id < 2'000; ++id) {
    wait("ns", "bad" + std::to_string(id), id);
    places_.hold({"bad" + std::to_string(id), ""}, now_ + seconds{60});
    places_.hold({"worse" + std::to_string(id), ""}, now_ + seconds{30});
    now_ += seconds{61};
    take();
    places_.end(id, false, now_);
  }
  EXPECT_LE(places_.remembered(), 102U);
  EXPECT_LE(places_.holds(), 2U);
  for (int i = 0; i < 2'000; ++i) places_.hold({"worst" + std::to_string(i), ""}, now_ + seconds{60});
  trust("other", "h");
  EXPECT_LE(places_.holds(), 1'000U);
  for (Places::Id id = 10'000; id < 10'010; ++id) wait("ns", "bad" + std::to_string(id), id);
  take();
  wait("ns", "good", 1);
  EXPECT_EQ(take(), std::set<Places::Id>{1}) << "who was trusted still is";
}

TEST_F(PlacesToAsk, ForgetTheHostsOfOneNamespaceAlone) {
  trust("good", "h");
  for (int i = 0; i < 500; ++i) trust("evil", "evil.test:" + std::to_string(i));
  for (Places::Id id = 1; id <= 40; ++id) wait("n" + std::to_string(id), "bad", 1'000 + id);
  for (Places::Id id = 1; id <= 40; ++id) wait("m" + std::to_string(id), "bad" + std::to_string(id), id);
  EXPECT_EQ(take().size(), Places::kUntrusted);
  wait("good", "h", 500);
  EXPECT_EQ(take(), std::set<Places::Id>{500}) << "its host is trusted, whatever another namespace names";
}

TEST_F(PlacesToAsk, AreKeptForNoMoreNamespacesThanThereIsMemoryFor) {
  for (int i = 0; i < 3'000; ++i) trust("n" + std::to_string(i), "h");
  EXPECT_LE(places_.remembered(), 1'001U);
}

}  // namespace
}  // namespace atelier::registry
