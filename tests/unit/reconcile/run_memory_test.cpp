#include "reconcile/run_memory.h"

#include <gtest/gtest.h>

#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using nlohmann::json;
using testing::second;

const engine::Attempt kAttempt{"a", engine::kNoItem, 2};

struct Memory {
  Memory() {
    engine::CreatePod create;
    create.pod_name = "pod-a";
    create.task = "a";
    create.attempt = 2;
    memory.creating(create);
  }
  void answer(const std::string& id, Result<json> result, int at = 1) {
    kube::Feedback feedback;
    feedback.results.emplace(id, std::move(result));
    news = memory.learn(feedback, second(at));
  }
  bool made() const { return news.made.size() == 1 && news.made[0].first == kAttempt; }
  bool gone() const { return news.gone == std::vector{kAttempt}; }
  RunMemory::News news;  // of the last answer
  RunMemory memory{Uid{"run-uid"}};
};

json pod_of(const std::string& run) { return {{"metadata", {{"ownerReferences", {{{"uid", run}}}}}}}; }

TEST(RunMemory, AQuotasRefusalIsCountedAndForgottenWhenThePodIsMade) {
  Memory test;
  test.answer(create_id("pod-a"), Error{Errc::forbidden, "exceeded quota"}, 1);
  test.answer(create_id("pod-a"), Error{Errc::forbidden, "exceeded quota"}, 7);
  ASSERT_EQ(test.news.rejected.size(), 1U);
  const engine::RejectedCreate refused = test.news.rejected.front();
  EXPECT_EQ(refused.task, "a");
  EXPECT_EQ(refused.attempt, 2);
  EXPECT_EQ(refused.times, 2);
  EXPECT_EQ(refused.at, second(7));
  EXPECT_FALSE(refused.permanent);
  test.answer(create_id("pod-a"), json::object());
  EXPECT_TRUE(test.news.rejected.empty());
  EXPECT_TRUE(test.made());
}

TEST(RunMemory, AnInvalidPodIsRefusedForGood) {
  Memory test;
  test.answer(create_id("pod-a"), Error{Errc::invalid, "spec.containers[0].image: is wrong"});
  EXPECT_TRUE(test.news.rejected.at(0).permanent);
}

TEST(RunMemory, ATakenNameIsLookedUpAndOursIsNoRefusal) {
  Memory test;
  test.answer(create_id("pod-a"), Error{Errc::already_exists, "there"});
  EXPECT_TRUE(test.memory.taken().contains("pod-a"));
  test.memory.looking("pod-a", kAttempt);
  test.answer(look_id("pod-a"), pod_of("run-uid"));
  EXPECT_TRUE(test.memory.taken().empty());
  EXPECT_TRUE(test.made()) << "it is not posted again";
  EXPECT_TRUE(test.news.rejected.empty());
}

TEST(RunMemory, ANameTakenByAnotherIsRefusedForGood) {
  Memory test;
  test.answer(create_id("pod-a"), Error{Errc::already_exists, "there"});
  test.memory.looking("pod-a", kAttempt);
  test.answer(look_id("pod-a"), pod_of("another"));
  ASSERT_EQ(test.news.rejected.size(), 1U);
  EXPECT_EQ(test.news.rejected.front().reason, "NameTaken");
  EXPECT_TRUE(test.news.rejected.front().permanent);
}

TEST(RunMemory, APodIsGoneOnlyWhenALiveReadSaysSo) {
  Memory test;
  test.memory.looking("pod-b", kAttempt);
  test.answer(look_id("pod-b"), Error{Errc::transport, "no answer"});
  EXPECT_FALSE(test.gone());
  test.memory.looking("pod-b", kAttempt);
  test.answer(look_id("pod-b"), pod_of("run-uid"));
  EXPECT_FALSE(test.gone());
  test.memory.looking("pod-b", kAttempt);
  test.answer(look_id("pod-b"), Error{Errc::not_found, "not there"});
  EXPECT_TRUE(test.gone());
}

TEST(RunMemory, ACreateThatFailsAgainAndAgainIsTold) {
  Memory test;
  for (int i = 1; i <= 2; ++i) test.answer(create_id("pod-a"), Error{Errc::server, "no endpoints for the webhook"}, i);
  EXPECT_TRUE(test.news.rejected.empty());
  test.answer(create_id("pod-a"), Error{Errc::server, "no endpoints for the webhook"}, 3);
  ASSERT_EQ(test.news.rejected.size(), 1U);
  EXPECT_EQ(test.news.rejected[0].reason, "CreateFailed");
  EXPECT_EQ(test.news.rejected[0].message, "no endpoints for the webhook");
  EXPECT_FALSE(test.news.rejected[0].permanent);
  test.answer(create_id("pod-a"), json::object(), 4);
  EXPECT_TRUE(test.news.rejected.empty());
}

TEST(RunMemory, APodThatWasMadeAndIsNotThereIsGone) {
  Memory test;
  test.answer(create_id("pod-a"), json::object());
  EXPECT_TRUE(test.made());
  test.memory.looking("pod-a", kAttempt);
  test.answer(look_id("pod-a"), Error{Errc::not_found, "not there"});
  EXPECT_TRUE(test.gone());
}

TEST(RunMemory, NoAnswerToACreateSaysNothing) {
  Memory test;
  test.answer(create_id("pod-a"), Error{Errc::transport, "no answer"});
  EXPECT_TRUE(test.news.rejected.empty());
  EXPECT_TRUE(test.memory.taken().empty());
}

}  // namespace
}  // namespace atelier::reconcile
