#include "atelier/kube/read_your_writes.h"

#include <gtest/gtest.h>

#include "atelier/kube/request.h"
#include "atelier/kube/store.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

Result<std::shared_ptr<const std::string>> decode(std::string_view object) {
  return std::make_shared<const std::string>(object);
}

const ObjectKey kRun{"a", "run"};
const ObjectKey kPod{"a", "pod"};

json object(const std::string& version) { return {{"metadata", {{"resourceVersion", version}}}}; }

class OwnWrites : public ::testing::Test {
 protected:
  OwnWrites() {
    pods_.begin_list();
    pods_.stage({kPod, Uid{"u"}, "5"}, "x");
    pods_.commit_list("10");
  }
  void event(EventType type, const std::string& version) {
    WatchEvent event;
    event.type = type;
    event.identity = {kPod, Uid{"u"}, version};
    pods_.apply(event);
  }
  bool wrote(http::Request request, const json& answer) {
    const Write write{"w", std::move(request), "pods", kPod};
    return writes_.wrote(kRun, write, answer, writes_.version_before(write), now_);
  }
  bool caught_up() { return writes_.caught_up(kRun, now_); }

  Store<std::string> pods_{"pods", decode};
  ReadYourWrites writes_{{&pods_}};
  SteadyTime now_{std::chrono::hours{1}};
};

TEST_F(OwnWrites, HoldTheKeyUntilTheCacheShowsThem) {
  EXPECT_TRUE(wrote(create(kPods, "a", json::object()), object("12")));
  EXPECT_FALSE(caught_up());
  event(EventType::bookmark, "11");
  EXPECT_FALSE(caught_up());
  event(EventType::modified, "12");
  EXPECT_TRUE(caught_up());
  EXPECT_EQ(writes_.ask_again(kRun), std::nullopt);
}

TEST_F(OwnWrites, AreSeenWhenTheCacheIsBeyondThem) {
  wrote(create(kPods, "a", json::object()), object("12"));
  event(EventType::bookmark, "13");
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, HoldNoOtherKey) {
  wrote(create(kPods, "a", json::object()), object("12"));
  EXPECT_TRUE(writes_.caught_up({"a", "other"}, now_));
}

TEST_F(OwnWrites, AreAllWaitedFor) {
  wrote(merge_patch(kPods, kPod, json::object()), object("12"));
  wrote(merge_patch(kPods, kPod, json::object()), object("14"));
  event(EventType::modified, "13");
  EXPECT_FALSE(caught_up());
  event(EventType::modified, "14");
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, ThatDeletedWithoutAVersionAreSeenWhenTheObjectIsGone) {
  wrote(delete_(kPods, kPod), {{"kind", "Status"}, {"status", "Success"}});
  event(EventType::bookmark, "99");
  EXPECT_FALSE(caught_up());
  event(EventType::deleted, "100");
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, ThatDeletedGracefullyAreSeenWhenTheObjectIsMarked) {
  wrote(delete_(kPods, kPod), object("12"));
  EXPECT_FALSE(caught_up());
  event(EventType::modified, "12");
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, ThatDeletedAndAnsweredTheOldVersionAreSeenWhenTheObjectIsGone) {
  wrote(delete_(kPods, kPod), object("5"));
  EXPECT_FALSE(caught_up());
  event(EventType::deleted, "12");
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, ThatChangedNothingSaySoAndHoldNothing) {
  EXPECT_FALSE(wrote(merge_patch(kPods, kPod, json::object()), object("5")));
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, AreNotWhatWasOnlyRead) {
  EXPECT_FALSE(wrote(get(kPods, kPod), object("9"))) << "the cache has another version, which is not our doing";
  EXPECT_TRUE(caught_up());
  EXPECT_FALSE(wrote(get(kPods, kPod), object("12")));
  EXPECT_FALSE(caught_up()) << "the cache does not show yet what was read";
  EXPECT_FALSE(wrote(get(kPods, kPod), json::object()));
}

TEST_F(OwnWrites, AreNotSeenInAnotherNamespacesPartOfTheCache) {
  Store<std::string> pods{"pods", decode};
  pods.divide({"a", "b"});
  for (const char* ns : {"a", "b"}) {
    pods.begin_list(ns);
    pods.commit_list("10", ns);
  }
  ReadYourWrites writes{{&pods}};
  const Write write{"w", create(kPods, "a", json::object()), "pods", kPod};
  writes.wrote(kRun, write, object("12"), std::nullopt, now_);
  WatchEvent bookmark;
  bookmark.type = EventType::bookmark;
  bookmark.identity.resource_version = "13";
  pods.apply(bookmark, "b");
  EXPECT_FALSE(writes.caught_up(kRun, now_));
  pods.apply(bookmark, "a");
  EXPECT_TRUE(writes.caught_up(kRun, now_));
}

TEST_F(OwnWrites, ToWhatNobodyWatchesHoldNothing) {
  const Write write{"w", create(kSecrets, "a", json::object()), "secrets", kPod};
  EXPECT_TRUE(writes_.wrote(kRun, write, object("12"), std::nullopt, now_));
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, ThatDeleteWhatIsMarkedAlreadyHoldNothing) {
  json marked = object("5");
  marked["metadata"]["deletionTimestamp"] = "2026-11-23T05:00:00Z";
  EXPECT_FALSE(wrote(delete_(kPods, kPod), marked)) << "nothing was changed";
  EXPECT_TRUE(caught_up());
}

TEST_F(OwnWrites, TellTheCacheEveryTenSecondsThatItIsBehind) {
  int told = 0;
  pods_.on_behind({}, [&] { ++told; });
  wrote(create(kPods, "a", json::object()), object("12"));
  EXPECT_EQ(writes_.ask_again(kRun), now_ + Millis{10'000});
  now_ += Millis{9'999};
  EXPECT_FALSE(caught_up());
  EXPECT_EQ(told, 0);
  now_ += Millis{1};
  EXPECT_FALSE(caught_up());
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(caught_up());
  EXPECT_EQ(told, 1);
  EXPECT_EQ(writes_.ask_again(kRun), now_ + Millis{10'000});
  now_ += Millis{10'000};
  EXPECT_FALSE(caught_up());
  EXPECT_EQ(told, 2);
}

TEST_F(OwnWrites, HoldForFiveMinutesAtMost) {
  wrote(create(kPods, "a", json::object()), object("12"));
  now_ += Millis{299'999};
  EXPECT_FALSE(caught_up());
  EXPECT_EQ(writes_.ask_again(kRun), now_ + Millis{1});
  now_ += Millis{1};
  EXPECT_TRUE(caught_up());
}

}  // namespace
}  // namespace atelier::kube
