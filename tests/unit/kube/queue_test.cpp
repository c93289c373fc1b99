#include "atelier/kube/queue.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"

namespace atelier::kube {
namespace {

SteadyTime at(int millis) { return SteadyTime{Millis{millis}}; }
testing::FakeRandom random_numbers;  // without jitter

ObjectKey key(std::string name) { return {"ns", std::move(name)}; }

TEST(WorkQueue, GivesEachKeyOnceHoweverOftenItWasAdded) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Priority::live, at(0));
  queue.add(key("a"), Priority::live, at(0));
  EXPECT_EQ(queue.take(at(0)), key("a"));
  EXPECT_EQ(queue.take(at(0)), std::nullopt);
}

TEST(WorkQueue, GivesAKeyToOneWorkerAtATime) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Priority::live, at(0));
  queue.take(at(0));
  queue.add(key("a"), Priority::live, at(0));
  EXPECT_EQ(queue.take(at(0)), std::nullopt);
  queue.done(key("a"));
  EXPECT_EQ(queue.take(at(0)), key("a"));
  queue.done(key("a"));
  EXPECT_EQ(queue.take(at(0)), std::nullopt);
}

TEST(WorkQueue, LetsTheEarliestTimeWin) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Priority::live, at(100));
  queue.add(key("a"), Priority::live, at(50));
  queue.add(key("a"), Priority::live, at(900));
  EXPECT_EQ(queue.next_ready(), at(50));
  EXPECT_EQ(queue.take(at(49)), std::nullopt);
  EXPECT_EQ(queue.take(at(50)), key("a"));
  EXPECT_EQ(queue.next_ready(), std::nullopt);
}

TEST(WorkQueue, PutsLiveChangesBeforeTheInitialList) {
  WorkQueue queue{random_numbers};
  queue.add(key("listed"), Priority::initial, at(0));
  queue.add(key("live"), Priority::live, at(5));
  EXPECT_EQ(queue.take(at(10)), key("live"));
  EXPECT_EQ(queue.take(at(10)), key("listed"));
}

TEST(WorkQueue, RaisesThePriorityOfAKeyThatChangesWhileItWaits) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Priority::initial, at(0));
  queue.add(key("b"), Priority::initial, at(0));
  EXPECT_EQ(queue.take(at(0)), key("a"));  // both are due now
  queue.add(key("c"), Priority::initial, at(0));
  queue.add(key("c"), Priority::live, at(0));
  EXPECT_EQ(queue.take(at(0)), key("c"));
  EXPECT_EQ(queue.take(at(0)), key("b"));
}

TEST(WorkQueue, IsFairAmongEquals) {
  WorkQueue queue{random_numbers};
  for (const char* name : {"c", "a", "b"}) queue.add(key(name), Priority::live, at(0));
  queue.add(key("c"), Priority::live, at(0));  // keeps its place
  EXPECT_EQ(queue.take(at(0)), key("c"));
  EXPECT_EQ(queue.take(at(0)), key("a"));
  EXPECT_EQ(queue.take(at(0)), key("b"));
}

TEST(WorkQueue, DoublesTheDelayOfAKeyThatFailsUpToAMinute) {
  WorkQueue queue{random_numbers};
  EXPECT_EQ(queue.fail(key("a")), Millis{5});
  EXPECT_EQ(queue.fail(key("a")), Millis{10});
  EXPECT_EQ(queue.fail(key("b")), Millis{5});
  for (int i = 0; i < 11; ++i) queue.fail(key("a"));
  EXPECT_EQ(queue.fail(key("a")), Millis{40'960});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(queue.fail(key("a")), Millis{60'000});
  queue.forget(key("a"));
  EXPECT_EQ(queue.fail(key("a")), Millis{5});
}

TEST(WorkQueue, SpreadsKeysThatFailTogether) {
  testing::FakeRandom high{0.999};
  WorkQueue queue{high};
  EXPECT_EQ(queue.fail(key("a")), Millis{9});
  EXPECT_EQ(queue.fail(key("a")), Millis{19});
}

TEST(WorkQueue, KeepsTheEarliestTimeOfWhatWasAddedDuringProcessing) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Priority::live, at(0));
  queue.take(at(0));
  queue.add(key("a"), Priority::initial, at(500));
  queue.add(key("a"), Priority::live, at(700));
  EXPECT_EQ(queue.next_ready(), std::nullopt);
  queue.done(key("a"));
  EXPECT_EQ(queue.next_ready(), at(500));
}

}  // namespace
}  // namespace atelier::kube
