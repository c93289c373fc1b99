#include "atelier/kube/events.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

EventNote note(std::string uid, std::string message, std::string ns = "team-a", std::string reason = "PublishFailed") {
  EventNote made;
  made.kind = EventKind::warning;
  made.reason = std::move(reason);
  made.message = std::move(message);
  made.involved = {"atelier.dev/v1alpha1", "Workspace", {std::move(ns), "ws"}, Uid{std::move(uid)}};
  return made;
}

constexpr const char* kAlreadyExists = R"({"reason":"AlreadyExists"})";

class Events : public ::testing::Test {
 protected:
  void answer_all(int status) {
    for (auto open = port_.open(); !open.empty(); open = port_.open()) {
      port_.reply(open.front(), status, R"({"reason":"AlreadyExists"})");
      loop_.run_ready();
    }
  }

  void answer(int status, const std::string& body = "{}") {
    port_.reply(port_.open().front(), status, body);
    loop_.run_ready();
  }
  json last_body() const { return json::parse(port_.last().body); }
  std::string last_line() const { return port_.line(port_.count() - 1); }
  static EventRecorder::Options options() {
    EventRecorder::Options made;
    made.instance = "me";
    return made;
  }

  testing::FakeLoop loop_;
  testing::ScriptedPort port_{loop_};
  bool leader_ = true;
  EventRecorder recorder_{options(), port_, loop_, [this] { return leader_; }};
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

TEST_F(Events, OfAPredecessorAreCountedOn) {
  recorder_.record(note("u1", "m"));
  const std::string at = "PATCH /api/v1/namespaces/team-a/events/" + event_name(note("u1", "m"));
  loop_.advance(Millis{5'000});
  answer(409, kAlreadyExists);
  EXPECT_EQ(last_line(), at);
  EXPECT_EQ(last_body(), json::parse(R"({"lastTimestamp":"2026-01-01T00:00:00Z"})"));
  answer(200, R"({"count":4,"reportingInstance":"other","firstTimestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(last_line(), at);
  EXPECT_EQ(last_body(), json::parse(R"({"count":5,"lastTimestamp":"2026-01-01T00:00:00Z"})"));
  answer(200);
  EXPECT_EQ(port_.count(), 3U);
  EXPECT_EQ(recorder_.queued(), 0U);
  EXPECT_EQ(recorder_.dropped(), 0U);
  recorder_.record(note("u1", "m"));
  loop_.advance(Millis{60'000});
  EXPECT_EQ(last_body()["count"], 6);
}

TEST_F(Events, SaidAgainAreCountedAndWrittenAMinuteLater) {
  for (int i = 0; i < 3; ++i) recorder_.record(note("u1", "m"));
  answer(201);
  loop_.advance(Millis{30'000});
  recorder_.record(note("u1", "m"));
  loop_.advance(Millis{29'999});
  EXPECT_EQ(port_.count(), 1U);
  loop_.advance(Millis{1});
  ASSERT_EQ(port_.count(), 2U);
  EXPECT_EQ(last_line(), "PATCH /api/v1/namespaces/team-a/events/" + event_name(note("u1", "m")));
  EXPECT_EQ(last_body(), json::parse(R"({"count":4,"lastTimestamp":"2026-01-01T00:00:30Z"})"));
  answer(200);
  loop_.advance(Millis{3'000'000});
  EXPECT_EQ(port_.count(), 2U) << "nothing more was said";
}

TEST_F(Events, OfAHotLoopAreWrittenLessAndLessOften) {
  for (int second = 0; second < 3'600; ++second) {
    recorder_.record(note("u1", "m"));
    answer_all(200);
    loop_.advance(Millis{1'000});
    answer_all(200);
  }
  EXPECT_EQ(port_.count(), 14U) << "after 1, 3 and 7 minutes, and then every 5";
  EXPECT_EQ(last_body()["count"], 57 * 60);
}

TEST_F(Events, SaidAgainWhileTheyWaitLeaveAsOne) {
  leader_ = false;
  for (int i = 0; i < 3; ++i) recorder_.record(note("u1", "m"));
  EXPECT_EQ(recorder_.queued(), 1U);
  leader_ = true;
  loop_.advance(Millis{2'000});
  EXPECT_EQ(last_line(), "POST /api/v1/namespaces/team-a/events");
  EXPECT_EQ(last_body()["count"], 3);
}

TEST_F(Events, SaidWhileOneIsUnderWayAreNotForgotten) {
  recorder_.record(note("u1", "m"));
  recorder_.record(note("u1", "m"));
  EXPECT_EQ(last_body()["count"], 1);
  answer(201);
  loop_.advance(Millis{60'000});
  EXPECT_EQ(last_body()["count"], 2);
}

TEST_F(Events, ThatDifferOnlyByMessageAreCombinedFromTheEleventhOn) {
  for (int i = 0; i < 15; ++i) recorder_.record(note("u1", "file " + std::to_string(i)));
  answer_all(201);
  ASSERT_EQ(port_.count(), 11U);
  EXPECT_EQ(last_line(), "POST /api/v1/namespaces/team-a/events");
  EXPECT_EQ(last_body()["message"], "(combined from similar events): file 14");
  EXPECT_EQ(last_body()["count"], 5);
  recorder_.record(note("u1", "file 3"));
  recorder_.record(note("u1", "file 15"));
  loop_.advance(Millis{60'000});
  answer_all(200);
  ASSERT_EQ(port_.count(), 13U);
  const auto body = [this](std::size_t i) { return json::parse(port_.request(i).body); };
  const bool known_first = !body(11).contains("message");
  EXPECT_EQ(body(known_first ? 11 : 12)["count"], 2) << "one that was told before is counted as itself";
  EXPECT_EQ(body(known_first ? 12 : 11)["count"], 6);
  EXPECT_EQ(body(known_first ? 12 : 11)["message"], "(combined from similar events): file 15");
}

TEST_F(Events, AreCombinedPerObjectAndReason) {
  for (int i = 0; i < 10; ++i) recorder_.record(note("u1", std::to_string(i)));
  recorder_.record(note("u2", "10"));
  recorder_.record(note("u1", "10", "team-a", "Another"));
  answer_all(201);
  for (std::size_t i = 0; i < port_.count(); ++i) {
    EXPECT_EQ(json::parse(port_.request(i).body)["message"].get<std::string>().find("combined"), std::string::npos);
  }
}

TEST_F(Events, AreNoLongerCombinedAfterTenQuietMinutes) {
  for (int i = 0; i < 12; ++i) recorder_.record(note("u1", std::to_string(i)));
  answer_all(201);
  loop_.advance(Millis{600'001});
  answer_all(200);
  recorder_.record(note("u1", "again"));
  EXPECT_EQ(last_body()["message"], "again");
}

TEST_F(Events, CombinedByTwoLeadersMeetUnderOneName) {
  for (int i = 0; i < 11; ++i) recorder_.record(note("u1", "a" + std::to_string(i)));
  answer_all(201);
  const std::string name = last_body()["metadata"]["name"];
  EventRecorder successor{options(), port_, loop_, [] { return true; }};
  for (int i = 0; i < 11; ++i) successor.record(note("u1", "b" + std::to_string(i)));
  answer_all(201);
  EXPECT_EQ(last_body()["metadata"]["name"], name);
}

TEST_F(Events, WhoseAnswerWasLostAreNotCountedTwice) {
  recorder_.record(note("u1", "m"));
  port_.fail(0);
  loop_.advance(Millis{2'000});
  ASSERT_EQ(last_line(), "POST /api/v1/namespaces/team-a/events");
  answer(409, kAlreadyExists);
  answer(200, R"({"count":1,"reportingInstance":"me","firstTimestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(port_.count(), 3U) << "what the first try wrote is all there is to say";
  recorder_.record(note("u1", "m"));
  loop_.advance(Millis{60'000});
  EXPECT_EQ(last_body()["count"], 2);
  port_.fail(port_.count() - 1);
  loop_.advance(Millis{2'000});
  EXPECT_EQ(last_body()["count"], 2) << "the count is absolute, so that it may be written twice";
}

TEST_F(Events, ThatTheServerHasForgottenArePostedAgain) {
  recorder_.record(note("u1", "m"));
  answer(201);
  recorder_.record(note("u1", "m"));
  loop_.advance(Millis{60'000});
  answer(404, R"({"reason":"NotFound"})");
  EXPECT_EQ(last_line(), "POST /api/v1/namespaces/team-a/events");
  EXPECT_EQ(last_body()["count"], 2);
  answer(201);
  loop_.advance(Millis{3'600'000});
  recorder_.record(note("u1", "m"));
  EXPECT_EQ(last_line(), "POST /api/v1/namespaces/team-a/events") << "the hour that a server keeps them is over";
  EXPECT_EQ(last_body()["count"], 1);
}

TEST_F(Events, AreRememberedInBoundedNumber) {
  EventRecorder::Options few = options();
  few.remembered = 4;
  EventRecorder recorder{few, port_, loop_, [] { return true; }};
  for (int i = 0; i < 5; ++i) {
    recorder.record(note("u" + std::to_string(i), "m"));
    answer_all(201);
    loop_.advance(Millis{1});
  }
  recorder.record(note("u4", "m"));
  loop_.advance(Millis{60'000});
  EXPECT_EQ(last_line().substr(0, 5), "PATCH");
  answer_all(200);
  recorder.record(note("u0", "m"));
  EXPECT_EQ(last_line().substr(0, 4), "POST") << "the oldest was forgotten";
}

TEST_F(Events, ThatAreForgottenTakeTheirRepetitionsAlong) {
  EventRecorder::Options one = options();
  one.remembered = 1;
  EventRecorder recorder{one, port_, loop_, [] { return true; }};
  recorder.record(note("u1", "m"));
  answer(201);
  recorder.record(note("u1", "m"));
  recorder.record(note("u2", "m"));
  answer(201);
  loop_.advance(Millis{600'000});
  EXPECT_EQ(port_.count(), 2U);
}

TEST_F(Events, CountWithoutLeavingAProcessThatIsNotTheLeader) {
  recorder_.record(note("u1", "m"));
  answer(201);
  recorder_.record(note("u1", "m"));
  leader_ = false;
  loop_.advance(Millis{600'000});
  EXPECT_EQ(port_.count(), 1U);
  leader_ = true;
  loop_.advance(Millis{2'000});
  EXPECT_EQ(port_.count(), 2U);
  leader_ = false;
  EXPECT_FALSE(port_.last().may_send());
}

TEST_F(Events, AreLimitedToABurstAndThenOneInFiveMinutesPerObject) {
  const auto reason = [](int i) { return "Reason" + std::to_string(i); };
  for (int i = 0; i < 40; ++i) recorder_.record(note("u1", "m", "team-a", reason(i)));
  recorder_.record(note("u2", "another object"));
  answer_all(201);
  EXPECT_EQ(port_.count(), 26U);
  EXPECT_EQ(recorder_.dropped(), 15U);
  loop_.advance(Millis{299'999});
  recorder_.record(note("u1", "just too soon"));
  EXPECT_EQ(recorder_.dropped(), 16U);
  loop_.advance(Millis{1});
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
