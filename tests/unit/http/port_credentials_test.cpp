#include "unit/http/fake_credentials.h"
#include "unit/http/local_server.h"
#include "unit/http/port_fixture.h"

namespace atelier::http {
namespace {

using testing::Listener;

http::Credential token(const std::string& text) { return {text, "", "", ""}; }

class PortsWithCredentials : public testing::PortTest {
 protected:
  PortsWithCredentials() {
    endpoint_.base_url = server_.url;
    endpoint_.credentials = credentials_;
    server_.serve = [this](testing::Peer& peer) {
      seen_.push_back(peer.request);
      const bool good = peer.request.find("\r\nAuthorization: Bearer good\r\n") != std::string::npos;
      peer.answer(good ? "200 OK" : "401 Unauthorized", "hello");
    };
  }

  testing::LocalServer server_{loop_};
  std::shared_ptr<testing::FakeCredentials> credentials_ = std::make_shared<testing::FakeCredentials>();
  std::vector<std::string> seen_;
};

TEST_F(PortsWithCredentials, TellWhichOneTheServerRefused) {
  credentials_->set(token("bad"));
  const auto bad = credentials_->current;
  credentials_->after_refusal = [this] { credentials_->set(token("good")); };
  EXPECT_EQ(ask(get())->value().status, 401);
  EXPECT_EQ(ask(get())->value().status, 200);
  EXPECT_EQ(credentials_->refusals, std::vector{bad});
  EXPECT_EQ(server_.peers.size(), 1U) << "the connection is kept";
}

TEST_F(PortsWithCredentials, TellOfAStreamThatTheServerRefused) {
  credentials_->set(token("bad"));
  Listener listener;
  const auto call = port().stream(get(Millis{0}), listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_EQ(listener.status, 401);
  EXPECT_EQ(credentials_->refusals.size(), 1U);
}

TEST_F(PortsWithCredentials, WaitUntilTheyAreThere) {
  std::vector<int> answered;
  std::vector<std::unique_ptr<Call>> calls;
  limits_.concurrent = 1;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(port().send(get(), [&answered, i](const Result<Response>& answer) {
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer.value().status, 200);
      answered.push_back(i);
    }));
  }
  Listener listener;
  calls.push_back(port().stream(get(Millis{0}), listener));
  ASSERT_EQ(credentials_->waiting.size(), 4U) << "they take no place on the wire meanwhile";
  EXPECT_TRUE(answered.empty());
  credentials_->give(token("good"));
  ASSERT_TRUE(await([&] { return answered.size() == 3 && listener.ended; }));
  EXPECT_EQ(answered, (std::vector<int>{0, 1, 2})) << "in the order sent";
  EXPECT_LE(server_.peers.size(), 2U) << "one for all sends, one for the stream";
  EXPECT_EQ(listener.status, 200);
}

TEST_F(PortsWithCredentials, EndWhatWaitsWithTheError) {
  std::optional<Result<Response>> answer;
  const auto call = port().send(get(), [&](Result<Response> r) { answer = std::move(r); });
  Listener listener;
  const auto watch = port().stream(get(Millis{0}), listener);
  credentials_->fail({Errc::unauthorized, "no session"});
  EXPECT_FALSE(answer) << "from the loop";
  ASSERT_TRUE(await([&] { return answer && listener.ended; }));
  EXPECT_EQ(answer->error().code, Errc::unauthorized);
  EXPECT_EQ(answer->error().message, "no session");
  EXPECT_EQ(listener.ended->error().code, Errc::unauthorized);
  EXPECT_TRUE(seen_.empty());
  EXPECT_TRUE(credentials_->refusals.empty());
}

TEST_F(PortsWithCredentials, CountTheTimeOfWaiting) {
  const auto answer = ask(get(Millis{50}));
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::transport);
  EXPECT_EQ(answer->error().message, "GET /x: there were no credentials in time");
  credentials_->give(token("good"));
  EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(seen_.size(), 1U) << "what was over is not sent";
}

TEST_F(PortsWithCredentials, ForgetWhatIsCancelledMeanwhile) {
  auto call = port().send(get(), [](const Result<Response>&) { FAIL() << "cancelled"; });
  Listener listener;
  auto watch = port().stream(get(Millis{0}), listener);
  call.reset();
  watch.reset();
  credentials_->give(token("good"));
  EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(seen_.size(), 1U);
  EXPECT_FALSE(listener.ended);
}

TEST_F(PortsWithCredentials, AreGoneBeforeTheirCredentialsCome) {
  const auto call = port().send(get(), [](const Result<Response>&) { FAIL() << "cancelled"; });
  port_.reset();
  credentials_->give(token("good"));
}

TEST_F(PortsWithCredentials, AskWhetherTheyMaySendWhenTheRequestLeaves) {
  bool leader = true;
  Request request = get();
  request.may_send = [&leader] { return leader; };
  std::optional<Result<Response>> answer;
  const auto call = port().send(request, [&](Result<Response> r) { answer = std::move(r); });
  leader = false;
  credentials_->give(token("good"));
  ASSERT_TRUE(await([&] { return answer.has_value(); }));
  EXPECT_EQ(answer->error().code, Errc::cancelled);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(PortsWithCredentials, SendTheEndpointsOwnTokenAndHeadersWhereNothingElseIsGiven) {
  credentials_->set({});
  endpoint_.bearer_token = "good";
  endpoint_.headers = {{"Impersonate-User", "jane"}};
  EXPECT_EQ(ask(), "hello");
  EXPECT_NE(seen_.at(0).find("\r\nImpersonate-User: jane\r\n"), std::string::npos) << seen_.at(0);
}

}  // namespace
}  // namespace atelier::http
