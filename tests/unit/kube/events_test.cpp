#include "atelier/kube/events.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

EventNote note(std::string uid, std::string message, std::string ns = "team-a") {
  EventNote made;
  made.kind = EventKind::warning;
  made.reason = "PublishFailed";
  made.message = std::move(message);
  made.involved = {"atelier.dev/v1alpha1", "Workspace", {std::move(ns), "ws"}, Uid{std::move(uid)}};
  return made;
}

class Events : public ::testing::Test {
 protected:
  void answer_all(int status) {
    for (auto open = port_.open(); !open.empty(); open = port_.open()) {
      port_.reply(open.front(), status, R"({"reason":"AlreadyExists"})");
      loop_.run_ready();
    }
  }

  testing::FakeLoop loop_;
  testing::ScriptedPort port_{loop_};
  bool leader_ = true;
  EventRecorder recorder_{{}, port_, loop_, [this] { return leader_; }};
};

TEST_F(Events, ArePostedAboutTheObjectInItsNamespace) {
  recorder_.record(note("u1", "no space left"));
  EXPECT_EQ(port_.line(0), "POST /api/v1/namespaces/team-a/events");
  const json event = json::parse(port_.last().body);
  EXPECT_EQ(event["involvedObject"],
            json::parse(R"({"apiVersion":"atelier.dev/v1alpha1","kind":"Workspace","namespace":"team-a","name":"ws",
                            "uid":"u1"})"));
  EXPECT_EQ(event["type"], "Warning");
  EXPECT_EQ(event["message"], "no space left");
  EXPECT_EQ(event["count"], 1);
  EXPECT_EQ(event["firstTimestamp"], "2026-01-01T00:00:00Z");
}

TEST_F(Events, OfClusterScopedObjectsGoToTheDefaultNamespace) {
  recorder_.record(note("u1", "m", ""));
  EXPECT_EQ(port_.line(0), "POST /api/v1/namespaces/default/events");
  EXPECT_FALSE(json::parse(port_.last().body)["involvedObject"].contains("namespace"));
}

TEST_F(Events, HaveNamesThatFollowFromWhatTheySay) {
  EXPECT_EQ(event_name(note("u1", "m")), event_name(note("u1", "m")));
  EXPECT_NE(event_name(note("u1", "m")), event_name(note("u2", "m")));
  EXPECT_NE(event_name(note("u1", "m")), event_name(note("u1", "n")));
  EXPECT_TRUE(event_name(note("u1", "m")).starts_with("ws."));
}

TEST_F(Events, AreDoneWhenThePredecessorSaidTheSame) {
  recorder_.record(note("u1", "m"));
  answer_all(409);
  EXPECT_EQ(recorder_.queued(), 0U);
  EXPECT_EQ(recorder_.dropped(), 0U);
}

TEST_F(Events, AreSaidOnce) {
  for (int i = 0; i < 3; ++i) recorder_.record(note("u1", "m"));
  answer_all(201);
  EXPECT_EQ(port_.count(), 1U);
}

TEST_F(Events, AreLimitedToABurstAndThenOneInFiveMinutesPerObject) {
  for (int i = 0; i < 40; ++i) recorder_.record(note("u1", std::to_string(i)));
  recorder_.record(note("u2", "another object"));
  answer_all(201);
  EXPECT_EQ(port_.count(), 26U);
  EXPECT_EQ(recorder_.dropped(), 15U);
  loop_.advance(Millis{300'000});
  recorder_.record(note("u1", "later"));
  recorder_.record(note("u1", "too soon"));
  answer_all(201);
  EXPECT_EQ(port_.count(), 27U);
}

TEST_F(Events, AreTriedAgainWhenTheServerIsAway) {
  recorder_.record(note("u1", "m"));
  port_.fail(0);
  loop_.advance(Millis{2'000});
  EXPECT_EQ(port_.count(), 2U);
  answer_all(201);
  EXPECT_EQ(recorder_.queued(), 0U);
}

TEST_F(Events, AreGivenUpWhenTheyAreRefused) {
  recorder_.record(note("u1", "m"));
  recorder_.record(note("u1", "n"));
  answer_all(403);
  EXPECT_EQ(port_.count(), 2U);
  EXPECT_EQ(recorder_.dropped(), 2U);
}

TEST_F(Events, AreDroppedWhenTheQueueIsFull) {
  for (int i = 0; i < 1'200; ++i) recorder_.record(note("u" + std::to_string(i), "m"));
  EXPECT_EQ(recorder_.queued(), 1'000U);
  EXPECT_EQ(recorder_.dropped(), 200U);
}

TEST_F(Events, DoNotLeaveAProcessThatIsNotTheLeader) {
  leader_ = false;
  recorder_.record(note("u1", "m"));
  EXPECT_EQ(port_.count(), 0U);
  leader_ = true;
  loop_.advance(Millis{2'000});
  EXPECT_EQ(port_.count(), 1U);
}

TEST_F(Events, DoNotLeaveThePortsQueueOnceAnotherMayLead) {
  recorder_.record(note("u1", "m"));
  EXPECT_TRUE(port_.request(0).may_send());
  leader_ = false;
  EXPECT_FALSE(port_.request(0).may_send());
}

TEST_F(Events, CutLongMessagesBetweenCharacters) {
  std::string message(1'020, 'x');
  for (int i = 0; i < 10; ++i) message += "é";
  recorder_.record(note("u1", message));
  const std::string kept = json::parse(port_.last().body)["message"];
  EXPECT_EQ(kept, std::string(1'020, 'x') + "...");
}

}  // namespace
}  // namespace atelier::kube
