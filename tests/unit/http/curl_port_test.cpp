#include "atelier/http/curl_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <map>
#include <optional>

#include "unit/http/local_server.h"
#include "unit/http/port_fixture.h"

namespace atelier::http {
namespace {

using std::chrono::seconds;

using testing::Listener;

class CurlPorts : public testing::PortTest {
 protected:
  CurlPorts() { endpoint_.base_url = server_.url + "/base"; }

  testing::LocalServer server_{loop_};
};

TEST_F(CurlPorts, SendARequestAndGiveItsAnswer) {
  std::string seen;
  server_.serve = [&](testing::Peer& peer) {
    seen = peer.request;
    peer.answer("201 Created", "made");
  };
  Request request = get();
  request.method = Method::patch;
  request.headers = {{"Content-Type", "a/b"}};
  request.body = "0123\r\n\r\n";
  const auto answer = ask(request);
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(answer->value().status, 201);
  EXPECT_EQ(answer->value().body, "made");
  EXPECT_EQ(*find_header(answer->value().headers, "x-kind"), "Test");
  EXPECT_TRUE(seen.starts_with("PATCH /base/x HTTP/1.1\r\n")) << seen;
  for (const char* line : {"\r\nContent-Type: a/b\r\n", "\r\nUser-Agent: test\r\n", "\r\nContent-Length: 8\r\n"}) {
    EXPECT_NE(seen.find(line), std::string::npos) << seen;
  }
  EXPECT_EQ(seen.find("Expect"), std::string::npos);
}

TEST_F(CurlPorts, AskForAHeadAlone) {
  std::string seen;
  server_.serve = [&](testing::Peer& peer) {
    seen = peer.request;
    peer.write("HTTP/1.1 200 OK\r\nX-Kind: Test\r\nContent-Length: 5\r\n\r\n");
  };
  Request request = get();
  request.method = Method::head;
  for (int again = 0; again < 2; ++again) {
    const auto answer = ask(request);
    ASSERT_TRUE(answer && *answer);
    EXPECT_TRUE(seen.starts_with("HEAD /base/x HTTP/1.1\r\n")) << seen;
    EXPECT_EQ(answer->value().body, "");
    EXPECT_EQ(*find_header(answer->value().headers, "content-length"), "5");
  }
  EXPECT_EQ(server_.peers.size(), 1U) << "the connection waits for no body";
}

TEST_F(CurlPorts, ConnectToNoAddressThatIsRefused) {
  int family = 0;
  endpoint_.refuse_address = [&](const sockaddr& address) {
    family = address.sa_family;
    return std::string("nobody lives there");
  };
  const auto answer = ask(get());
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::forbidden);
  EXPECT_EQ(answer->error().message, "GET /x: nobody lives there");
  EXPECT_EQ(family, AF_INET);
  EXPECT_TRUE(server_.peers.empty());
  endpoint_.refuse_address = [](const sockaddr&) { return std::string(); };
  port_.reset();
  EXPECT_EQ(ask(), "hello");
}

TEST_F(CurlPorts, GiveAStreamAsItComes) {
  server_.serve = [](testing::Peer& peer) {
    peer.begin_chunks();
    peer.chunk("one");
  };
  Listener listener;
  listener.after_data = [&] {  // the second part exists only after the first has arrived
    if (listener.data == "one") server_.peers[0]->chunk("two");
    if (listener.data == "onetwo") server_.peers[0]->write("0\r\n\r\n");
  };
  const auto call = port().stream(get(Millis{0}), listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_TRUE(*listener.ended);
  EXPECT_EQ(listener.status, 200);
  EXPECT_EQ(listener.data, "onetwo");
}

TEST_F(CurlPorts, DoNotTakeAStreamCutShortForAWholeOne) {
  server_.serve = [](testing::Peer& peer) {
    peer.begin_chunks();
    peer.chunk("one");
    peer.socket.close();
  };
  Listener listener;
  const auto call = port().stream(get(Millis{0}), listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_EQ(listener.data, "one");
  ASSERT_FALSE(*listener.ended);
  EXPECT_EQ(listener.ended->error().code, Errc::transport);
}

TEST_F(CurlPorts, DoNotTakeAHeadCutShortForAnAnswer) {
  for (const char* head : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX-Kind: Te", "HTTP/1.1 100 Continue\r\n\r\n"}) {
    server_.serve = [head](testing::Peer& peer) {
      peer.write(head);
      peer.socket.close();
    };
    const auto answer = ask(get());
    ASSERT_TRUE(answer && !*answer) << head;
    EXPECT_EQ(answer->error().code, Errc::transport);
    Listener listener;
    const auto call = port().stream(get(), listener);
    ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
    EXPECT_FALSE(*listener.ended) << head;
  }
}

TEST_F(CurlPorts, DoNotTakeWhatComesBehindAnAnswerForTheNext) {
  server_.serve = [](testing::Peer& peer) {
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nghost");
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(get())->value().body, "hello");
}

// libcurl does, where the pooled connection ended at once.
TEST_F(CurlPorts, DoNotSendAWriteTwice) {
  std::map<std::string, int> seen;
  bool hangs_up = false;
  server_.serve = [&](testing::Peer& peer) {
    ++seen[peer.request.substr(0, peer.request.find(' '))];
    if (std::exchange(hangs_up, false)) return peer.socket.close();
    peer.answer("200 OK", "hello");
  };
  for (const Method method : {Method::post, Method::patch, Method::put, Method::delete_, Method::get}) {
    EXPECT_TRUE(*ask(get()));  // there is a pooled connection
    seen.clear();
    hangs_up = true;
    Request request = get();
    request.method = method;
    const auto answer = ask(std::move(request));
    ASSERT_TRUE(answer);
    if (method == Method::get) {
      EXPECT_TRUE(*answer);
      EXPECT_EQ(seen["GET"], 2);
    } else {
      ASSERT_FALSE(*answer);
      EXPECT_EQ(answer->error().code, Errc::transport);
      EXPECT_THAT(answer->error().message, ::testing::HasSubstr("the connection ended before an answer came"));
      EXPECT_EQ(seen.size(), 1U);
      EXPECT_EQ(seen.begin()->second, 1);
    }
  }
}

// All that was written to it lies in the client's buffer.
bool has_arrived(testing::Peer& peer) {
  int left = 0;
  return ioctl(peer.socket.native_handle(), SIOCOUTQ, &left) == 0 && left == 0;
}

TEST_F(CurlPorts, DoNotTakeWhatComesUnaskedForTheNextAnswer) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask(), "hello");
    testing::Peer& peer = *server_.peers.back();
    peer.answer("200 OK", "ghost");
    ASSERT_TRUE(await([&] { return has_arrived(peer); }));
  }
  EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(server_.peers.size(), 4U);
}

TEST_F(CurlPorts, LeaveAsManyPooledConnectionsAsWereBroken) {
  constexpr std::size_t kMany = 20;  // libcurl tries a request on five dead connections, and no more
  std::size_t asked = 0;
  server_.serve = [&](testing::Peer&) { ++asked; };
  std::size_t answered = 0;
  std::vector<std::unique_ptr<Call>> calls;
  for (std::size_t i = 0; i < kMany; ++i) {
    calls.push_back(port().send(get(), [&](const Result<Response>&) { ++answered; }));
  }
  ASSERT_TRUE(await([&] { return asked == kMany; }));
  for (const auto& peer : server_.peers) peer->answer("200 OK", "");
  ASSERT_TRUE(await([&] { return answered == kMany; }));
  for (const auto& peer : server_.peers) {
    peer->answer("200 OK", "ghost");
    ASSERT_TRUE(await([&] { return has_arrived(*peer); }));
  }
  server_.serve = [&](testing::Peer& peer) {
    ++asked;
    peer.answer("200 OK", "hello");
  };
  EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(asked, kMany + 1) << "sent once";
}

TEST_F(CurlPorts, KeepAPooledConnectionThatIsQuiet) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(server_.peers.size(), 1U);
}

TEST_F(CurlPorts, GiveUpWhenTheTimeOfTheExchangeIsOver) {
  server_.serve = [](testing::Peer&) {};
  const SteadyTime start = loop_.now();
  const auto answer = ask(get(Millis{100}));
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::transport);
  EXPECT_TRUE(answer->error().message.starts_with("GET /x: ")) << answer->error().message;
  EXPECT_GE(loop_.now() - start, Millis{100});
  EXPECT_LT(loop_.now() - start, seconds{5});
}

TEST_F(CurlPorts, GiveUpOnASilentStream) {
  server_.serve = [](testing::Peer& peer) {
    peer.begin_chunks();
    peer.chunk("1");
  };
  Listener listener;
  Request request = get(Millis{0});
  request.idle_timeout = seconds{1};
  const auto call = port().stream(request, listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_EQ(listener.data, "1");
  ASSERT_FALSE(*listener.ended);
  EXPECT_EQ(listener.ended->error().code, Errc::transport);
}

TEST_F(CurlPorts, SayThatNobodyListens) {
  server_.close();
  const auto answer = ask(get());
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::transport);
}

TEST_F(CurlPorts, CallNothingBackAfterACancellationInACallback) {
  server_.serve = [](testing::Peer& peer) {
    peer.begin_chunks();
    peer.chunk("one");
    peer.write("0\r\n\r\n");  // the end is there already when the data is handed out
  };
  Listener listener;
  std::unique_ptr<Call> other = port().send(get(), [](const Result<Response>&) { FAIL() << "cancelled"; });
  std::unique_ptr<Call> call = port().stream(get(Millis{0}), listener);
  listener.after_data = [&] {
    call.reset();
    EXPECT_FALSE(listener.ended);
  };
  other.reset();
  ASSERT_TRUE(await([&] { return !call; }));
  server_.serve = [](testing::Peer& peer) { peer.answer("200 OK", "hello"); };
  EXPECT_EQ(ask(get())->value().body, "hello");
  EXPECT_FALSE(listener.ended);
}

TEST_F(CurlPorts, KeepAQueueForWhatIsMoreThanTheirLimit) {
  int open = 0;
  server_.serve = [&](testing::Peer&) { ++open; };
  std::vector<int> answered;
  std::vector<std::unique_ptr<Call>> calls;
  limits_.concurrent = 2;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(port().send(get(), [&answered, i](const Result<Response>&) { answered.push_back(i); }));
  }
  ASSERT_TRUE(await([&] { return open == 2; }));
  server_.peers[1]->answer("200 OK", "");
  ASSERT_TRUE(await([&] { return open == 3; })) << "the third takes the place of what was answered";
  for (const auto& peer : server_.peers) peer->answer("200 OK", "");
  EXPECT_TRUE(await([&] { return answered.size() == 3; }));
  EXPECT_EQ(server_.peers.size(), 2U);
}

TEST_F(CurlPorts, AskAgainWhetherTheyMaySendWhatWaitedInTheirQueue) {
  bool leader = true;
  int asked = 0;
  server_.serve = [&](testing::Peer&) { ++asked; };
  std::vector<std::string> ended(3);
  std::vector<std::unique_ptr<Call>> calls;
  limits_.concurrent = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    Request request = get();
    if (i < 2) request.may_send = [&leader] { return leader; };
    calls.push_back(port().send(request, [&ended, i](const Result<Response>& answer) {
      ended[i] = answer ? "answered" : std::string(to_string(answer.error().code));
    }));
  }
  ASSERT_TRUE(await([&] { return asked == 1; }));
  leader = false;
  server_.peers[0]->answer("200 OK", "");
  ASSERT_TRUE(await([&] { return asked == 2; })) << "what needs no leave goes on";
  server_.peers[0]->answer("200 OK", "");
  ASSERT_TRUE(await([&] { return !ended[2].empty(); }));
  EXPECT_EQ(ended, (std::vector<std::string>{"answered", "cancelled", "answered"}));
}

// Such as a leader that stood still while it connected, for longer than its lease.
TEST_F(CurlPorts, AskAgainWhetherTheyMaySendOnceThereIsAConnection) {
  for (const Method method : {Method::post, Method::get}) {
    int asked = 0;
    Request request = get();
    request.method = method;
    request.may_send = [&asked] { return ++asked == 1; };
    std::optional<Error> ended;
    bool reached = false;
    server_.serve = [&](testing::Peer&) { reached = true; };
    const auto call = port().send(request, [&](const Result<Response>& answer) { ended = answer.error(); });
    ASSERT_TRUE(await([&] { return ended || reached; }));
    EXPECT_FALSE(reached);
    EXPECT_EQ(asked, 2);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, Errc::cancelled) << ended->message;
  }
}

TEST_F(CurlPorts, DoNotTakeAProxysAnswerForTheServers) {
  endpoint_.proxy_url = server_.url;
  endpoint_.base_url = "https://server.invalid";
  std::string seen;
  server_.serve = [&](testing::Peer& peer) {
    seen = peer.request;
    peer.write("HTTP/1.1 200 Connection established\r\n\r\n");
    peer.socket.close();
  };
  Listener listener;
  const auto call = port().stream(get(), listener);
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_TRUE(seen.starts_with("CONNECT server.invalid:443 ")) << seen;
  EXPECT_EQ(listener.status, 0);
  EXPECT_FALSE(*listener.ended);
}

}  // namespace
}  // namespace atelier::http
