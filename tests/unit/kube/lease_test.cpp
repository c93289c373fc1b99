#include "atelier/kube/lease.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

class Leases : public ::testing::Test {
 protected:
  Leases() {
    Lease::Events events;
    events.acquired = [this] { trace_ += "acquired "; };
    events.lost = [this] { trace_ += "lost "; };
    lease_ = std::make_unique<Lease>(ObjectKey{"sys", "atelier"}, "me", LeaseTimes{}, port_, loop_, random_,
                                     std::move(events));
  }
  void reply(int status, const json& body) {
    port_.reply(port_.count() - 1, status, body.dump());
    loop_.run_ready();
  }
  json echo(const std::string& version) {  // what was written, as the server would answer
    json body = json::parse(port_.last().body);
    body["metadata"]["resourceVersion"] = version;
    return body;
  }
  void lead() {
    lease_->start();
    reply(404, {{"reason", "NotFound"}});
    reply(201, echo("1"));
  }

  testing::FakeLoop loop_;
  testing::FakeRandom random_;
  testing::ScriptedPort port_{loop_};
  std::string trace_;
  std::unique_ptr<Lease> lease_;
};

TEST_F(Leases, AreCreatedAndRenewedWithTheirVersion) {
  lead();
  EXPECT_EQ(trace_, "acquired ");
  EXPECT_EQ(port_.line(0), "GET /apis/coordination.k8s.io/v1/namespaces/sys/leases/atelier");
  EXPECT_EQ(port_.line(1), "POST /apis/coordination.k8s.io/v1/namespaces/sys/leases");
  EXPECT_EQ(json::parse(port_.request(1).body)["spec"],
            json::parse(R"({"holderIdentity":"me","leaseDurationSeconds":15,"leaseTransitions":0,
                            "acquireTime":"2026-01-01T00:00:00.000000Z","renewTime":"2026-01-01T00:00:00.000000Z"})"));
  loop_.advance(Millis{2'000});
  EXPECT_EQ(port_.line(2), "PATCH /apis/coordination.k8s.io/v1/namespaces/sys/leases/atelier");
  EXPECT_EQ(*http::find_header(port_.last().headers, "Content-Type"), "application/merge-patch+json");
  EXPECT_EQ(json::parse(port_.last().body)["metadata"],
            json({{"resourceVersion", "1"}, {"annotations", {{"atelier.dev/settled", nullptr}}}}))
      << "what others put on the Lease stays";
  EXPECT_EQ(json::parse(port_.last().body)["spec"]["renewTime"], "2026-01-01T00:00:02.000000Z");
  EXPECT_LT(port_.last().timeout, Millis{10'000});
}

TEST_F(Leases, TellTheWatchdogTheirDeadline) {
  EXPECT_EQ(lease_->deadline(), SteadyTime::max());
  const SteadyTime start = loop_.now();
  lead();
  EXPECT_EQ(lease_->deadline(), start + Millis{10'000});
  EXPECT_TRUE(lease_->may_write(loop_.now()));
  EXPECT_FALSE(lease_->may_write(start + Millis{10'000}));
}

TEST_F(Leases, AreLostWhenNobodyAnswers) {
  lead();
  for (int i = 0; i < 20 && trace_ == "acquired "; ++i) {
    loop_.advance(Millis{1'000});
    for (const auto index : port_.open()) port_.fail(index);
    loop_.run_ready();
  }
  EXPECT_EQ(trace_, "acquired lost ");
  EXPECT_EQ(loop_.next(), std::nullopt);
}

TEST_F(Leases, AreLostAtTheirDeadlineWhenRequestsAreNotAnswered) {
  const SteadyTime start = loop_.now();
  lead();
  while (trace_ == "acquired ") {
    if (port_.open().empty()) {
      loop_.advance(Millis{100});
      continue;
    }
    loop_.advance(port_.last().timeout);
    port_.fail(port_.count() - 1);
    loop_.run_ready();
  }
  EXPECT_EQ(trace_, "acquired lost ");
  EXPECT_EQ(loop_.now(), start + Millis{10'000});
}

TEST_F(Leases, AreLostForGoodWhenTheApiServerGoesBackInTime) {
  ::testing::internal::CaptureStderr();
  lead();
  loop_.advance(Millis{2'000});
  reply(200, echo("90"));
  loop_.advance(Millis{2'000});
  reply(409, {{"reason", "Conflict"}});
  reply(200, {{"metadata", {{"resourceVersion", "40"}}}, {"spec", {{"holderIdentity", "me"}}}});
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(trace_, "acquired lost ");
  EXPECT_EQ(loop_.next(), std::nullopt);
  EXPECT_EQ(lease_->deadline(), SteadyTime::max());
  EXPECT_NE(told.find("as after a restore of etcd"), std::string::npos) << told;
  EXPECT_NE(told.find("lease=sys/atelier seen=90 found=40\n"), std::string::npos) << told;
}

TEST_F(Leases, TakeNothingElseForAFreeLease) {
  lease_->start();
  for (const json& answer : {json(nullptr), json::object(), json{{"spec", {{"holderIdentity", ""}}}}}) {
    const std::size_t before = port_.count();
    reply(200, answer);
    EXPECT_EQ(port_.count(), before) << answer << " is no reason to write";
    loop_.advance(Millis{5'000});
    EXPECT_EQ(port_.line(port_.count() - 1).substr(0, 4), "GET ");
  }
}

TEST_F(Leases, AreGivenUpAtTheEnd) {
  lead();
  bool released = false;
  lease_->release([&] { released = true; });
  EXPECT_EQ(json::parse(port_.last().body)["spec"]["holderIdentity"], "");
  EXPECT_FALSE(lease_->may_write(loop_.now()));
  reply(200, echo("2"));
  EXPECT_TRUE(released);
  EXPECT_EQ(trace_, "acquired ");
}

TEST_F(Leases, SayForTheNextThatNothingMoreCanCome) {
  const ObjectKey key{"ns", "lease"};
  LeaseRecord record;
  record.transitions = 4;
  record.resource_version = "7";
  EXPECT_EQ(lease_patch(record)["metadata"]["annotations"], (json{{"atelier.dev/settled", nullptr}})) << "no more";
  record.settled = 4;
  json object = lease_object(key, record);
  object.merge_patch(lease_patch(record));
  EXPECT_EQ(lease_record_of(object).settled, 4);
  object["spec"]["leaseTransitions"] = 5;  // by one that does not know of it
  EXPECT_EQ(lease_record_of(object).settled, std::nullopt);
}

TEST_F(Leases, AreGivenUpWhenARenewalCameFirst) {
  lead();
  loop_.advance(Millis{2'000});
  bool released = false;
  lease_->release([&] { released = true; });
  reply(409, {{"reason", "Conflict"}});
  EXPECT_FALSE(released);
  reply(200, {{"metadata", {{"resourceVersion", "5"}}}, {"spec", {{"holderIdentity", "me"}}}});
  EXPECT_EQ(json::parse(port_.last().body)["metadata"]["resourceVersion"], "5");
  EXPECT_EQ(json::parse(port_.last().body)["spec"]["holderIdentity"], "");
  reply(200, echo("6"));
  EXPECT_TRUE(released);
}

TEST_F(Leases, TellWhyTheyCannotBeReadOnceAMinute) {
  ::testing::internal::CaptureStderr();
  lease_->start();
  const auto told = [] { return ::testing::internal::GetCapturedStderr(); };
  reply(403, {{"reason", "Forbidden"}, {"message", "no leases for you"}});
  loop_.advance(Millis{2'000});
  reply(403, {{"reason", "Forbidden"}, {"message", "no leases for you"}});
  const std::string once = told();
  EXPECT_NE(once.find("warning the lease cannot be read lease=sys/atelier"), std::string::npos) << once;
  EXPECT_NE(once.find("no leases for you"), std::string::npos) << once;
  EXPECT_EQ(once.find('\n'), once.size() - 1) << once;
  ::testing::internal::CaptureStderr();
  loop_.advance(Millis{60'000});
  reply(403, {{"reason", "Forbidden"}, {"message", "no leases for you"}});
  EXPECT_NE(told(), "");
}

TEST_F(Leases, TellWhomTheyWaitForOnce) {
  const json other = {{"metadata", {{"resourceVersion", "1"}}},
                      {"spec", {{"holderIdentity", "other"}, {"leaseDurationSeconds", 15}}}};
  ::testing::internal::CaptureStderr();
  lease_->start();
  reply(200, other);
  loop_.advance(Millis{2'000});
  reply(200, other);
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(told.ends_with("info waiting for the lease lease=sys/atelier holder=other\n")) << told;
  EXPECT_EQ(told.find('\n'), told.size() - 1) << told;
}

TEST_F(Leases, SurviveFieldsOfTheWrongType) {
  const LeaseRecord record = lease_record_of(json::parse(R"({"spec":{"holderIdentity":7,"renewTime":"x"}})"));
  EXPECT_EQ(record.holder, "");
  EXPECT_EQ(lease_record_of(json(nullptr)), LeaseRecord{});
}

TEST_F(Leases, SurviveNumbersBeyondTheApis) {
  const LeaseRecord record = lease_record_of(
      json::parse(R"({"spec":{"leaseDurationSeconds":9223372036854775807,"leaseTransitions":18446744073709551615}})"));
  EXPECT_EQ(record.duration_seconds, 2'147'483'647) << "so that it can be added to a time";
  EXPECT_EQ(record.transitions, 0);
}

}  // namespace
}  // namespace atelier::kube
