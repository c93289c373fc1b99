#include "atelier/kube/queue.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"

namespace atelier::kube {
namespace {

SteadyTime at(int millis) { return SteadyTime{Millis{millis}}; }
testing::FakeRandom random_numbers;  // without jitter

ObjectKey key(std::string name) { return {"ns", std::move(name)}; }
std::optional<ObjectKey> take(WorkQueue& queue, SteadyTime now) {
  const auto taken = queue.take(now);
  return taken ? std::optional(taken->key) : std::nullopt;
}

TEST(WorkQueue, GivesEachKeyOnceHoweverOftenItWasAdded) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Cause::change, at(0));
  queue.add(key("a"), Cause::change, at(0));
  EXPECT_EQ(take(queue, at(0)), key("a"));
  EXPECT_EQ(take(queue, at(0)), std::nullopt);
}

TEST(WorkQueue, GivesAKeyToOneWorkerAtATime) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Cause::change, at(0));
  take(queue, at(0));
  queue.add(key("a"), Cause::change, at(0));
  EXPECT_EQ(take(queue, at(0)), std::nullopt);
  queue.done(key("a"));
  EXPECT_EQ(take(queue, at(0)), key("a"));
  queue.done(key("a"));
  EXPECT_EQ(take(queue, at(0)), std::nullopt);
}

TEST(WorkQueue, LetsTheEarliestTimeWin) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Cause::change, at(100));
  queue.add(key("a"), Cause::change, at(50));
  queue.add(key("a"), Cause::change, at(900));
  EXPECT_EQ(queue.next_ready(), at(50));
  EXPECT_EQ(take(queue, at(49)), std::nullopt);
  EXPECT_EQ(take(queue, at(50)), key("a"));
  EXPECT_EQ(queue.next_ready(), std::nullopt);
}

TEST(WorkQueue, PutsLiveChangesBeforeTheInitialList) {
  WorkQueue queue{random_numbers};
  queue.add(key("listed"), Cause::initial, at(0));
  queue.add(key("live"), Cause::change, at(5));
  EXPECT_EQ(take(queue, at(10)), key("live"));
  EXPECT_EQ(take(queue, at(10)), key("listed"));
}

TEST(WorkQueue, RaisesThePriorityOfAKeyThatChangesWhileItWaits) {
  WorkQueue queue{random_numbers};
  queue.add(key("a"), Cause::initial, at(0));
  queue.add(key("b"), Cause::initial, at(0));
  EXPECT_EQ(take(queue, at(0)), key("a"));  // both are due now
  queue.add(key("c"), Cause::initial, at(0));
  queue.add(key("c"), Cause::change, at(0));
  EXPECT_EQ(take(queue, at(0)), key("c"));
  EXPECT_EQ(take(queue, at(0)), key("b"));
}

TEST(WorkQueue, IsFairAmongEquals) {
  WorkQueue queue{random_numbers};
  for (const char* name : {"c", "a", "b"}) queue.add(key(name), Cause::change, at(0));
  queue.add(key("c"), Cause::change, at(0));  // keeps its place
  EXPECT_EQ(take(queue, at(0)), key("c"));
  EXPECT_EQ(take(queue, at(0)), key("a"));
  EXPECT_EQ(take(queue, at(0)), key("b"));
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
  queue.add(key("a"), Cause::change, at(0));
  take(queue, at(0));
  queue.add(key("a"), Cause::initial, at(500));
  queue.add(key("a"), Cause::change, at(700));
  EXPECT_EQ(queue.next_ready(), std::nullopt);
  queue.done(key("a"));
  EXPECT_EQ(queue.next_ready(), at(500));
}

TEST(WorkQueue, TellsWhyAKeyIsThereAndSinceWhen) {
  WorkQueue queue{random_numbers};
  EXPECT_TRUE(queue.add(key("a"), Cause::retry, at(50)));
  EXPECT_FALSE(queue.add(key("a"), Cause::change, at(100)));
  EXPECT_FALSE(queue.add(key("a"), Cause::requeue, at(80)));
  const auto taken = queue.take(at(200));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->cause, Cause::change);
  EXPECT_EQ(taken->due_since, at(50));
  EXPECT_TRUE(queue.add(key("a"), Cause::requeue, at(300)));
  EXPECT_FALSE(queue.add(key("a"), Cause::initial, at(400)));
  queue.done(key("a"));
  queue.add(key("a"), Cause::requeue, at(300));
  EXPECT_EQ(queue.take(at(300))->cause, Cause::initial);
}

TEST(WorkQueue, CountsWhatIsDueByPriority) {
  WorkQueue queue{random_numbers};
  for (const char* name : {"a", "b", "c"}) queue.add(key(name), Cause::initial, at(0));
  queue.add(key("d"), Cause::change, at(10));
  queue.add(key("e"), Cause::retry, at(11));
  EXPECT_EQ(queue.due(at(10)).initial, 3U);
  EXPECT_EQ(queue.due(at(10)).live, 1U);
  queue.take(at(10));
  EXPECT_EQ(queue.due(at(10)).live, 0U) << "what is being processed does not wait";
  EXPECT_EQ(queue.due(at(11)).live, 1U);
}

}  // namespace
}  // namespace atelier::kube
