#include "atelier/http/server.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

#include "atelier/http/asio_loop.h"

namespace atelier::http {
namespace {

using boost::asio::ip::tcp;
using std::chrono::seconds;

// A client of the test, on the loop of the server. What it sends fits into the kernel's buffers.
class SlowReader {
 public:
  SlowReader(AsioLoop& loop, const std::string& address) : socket_(loop.context()) {
    const auto colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host == "[::]") host = "127.0.0.1";
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
    socket_.connect({boost::asio::ip::make_address(host), port});
  }
  void send(const std::string& text) { boost::asio::write(socket_, boost::asio::buffer(text)); }
  void read() {
    socket_.async_read_some(boost::asio::buffer(chunk_), [this](boost::system::error_code error, std::size_t size) {
      if (error == boost::asio::error::operation_aborted) return;
      closed = static_cast<bool>(error);
      if (closed) return;
      received.append(chunk_.data(), size);
      read();
    });
  }
  void half_close() { socket_.shutdown(tcp::socket::shutdown_send); }

  std::string received;
  bool closed = false;

 private:
  tcp::socket socket_;
  std::array<char, 65'536> chunk_{};
};

class Client : public SlowReader {
 public:
  Client(AsioLoop& loop, const std::string& address) : SlowReader(loop, address) { read(); }
};

class Servers : public ::testing::Test {
 protected:
  void serve(ServerLimits limits = {}) {
    auto listening = Server::listen(
        loop_, "127.0.0.1:0",
        [this](const ServerRequest& request) -> ServerResponse {
          ++asked_;
          if (request.path == "/throw") throw std::logic_error("a bug");
          if (request.path == "/large") return {.body = std::string(kLarge, 'x')};
          if (request.path != "/x") return {.status = 404, .body = "no\n"};
          return {.body = "x of " + request.query + "\n"};
        },
        limits);
    ASSERT_TRUE(listening) << listening.error().message;
    server_ = std::move(listening).value();
  }
  [[nodiscard]] bool await(const std::function<bool()>& holds) {
    const SteadyTime end = loop_.now() + seconds{10};
    while (!holds() && loop_.now() < end) loop_.context().run_one_for(seconds{1});
    return holds();
  }
  // What the server says to this before it closes the connection.
  std::string last_words(const std::string& sent) {
    Client client{loop_, server_->address()};
    client.send(sent);
    EXPECT_TRUE(await([&] { return client.closed; })) << client.received;
    return client.received;
  }
  static std::string get(const std::string& target, const std::string& method = "GET") {
    return method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  static std::string last_get(const std::string& target, const std::string& method = "GET") {
    return method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
  }

  static constexpr std::size_t kLarge = 64'000'000;  // more than the kernel's buffers take

  AsioLoop loop_;
  int asked_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(Servers, AnswerOneRequestAfterTheOtherOnAConnection) {
  serve();
  Client client{loop_, server_->address()};
  client.send(get("/x?a=1") + get("/nothing"));
  ASSERT_TRUE(await([&] { return client.received.ends_with("no\n"); }));
  EXPECT_EQ(client.received,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n\r\nx of a=1\n"
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nno\n");
  client.received.clear();
  client.send(get("/x"));
  EXPECT_TRUE(await([&] { return client.received.ends_with("x of \n"); }));
  EXPECT_FALSE(client.closed);
  EXPECT_EQ(asked_, 3);
}

TEST_F(Servers, CloseAfterARequestThatAsksForIt) {
  serve();
  EXPECT_TRUE(last_words(last_get("/x")).ends_with("\r\nConnection: close\r\n\r\nx of \n"));
  EXPECT_TRUE(last_words("GET /x HTTP/1.0\r\n\r\n").ends_with("x of \n"));
}

TEST_F(Servers, AnswerHeadWithTheHeadAlone) {
  serve();
  const std::string words = last_words(last_get("/x?a=1", "HEAD"));
  EXPECT_TRUE(words.starts_with("HTTP/1.1 200 OK\r\n")) << words;
  EXPECT_NE(words.find("\r\nContent-Length: 9\r\n"), std::string::npos) << words;
  EXPECT_TRUE(words.ends_with("\r\n\r\n")) << words;
}

TEST_F(Servers, RefuseOtherMethodsAndSayWhichThereAre) {
  serve();
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"}) {
    Client client{loop_, server_->address()};
    client.send(get("/x", method));
    client.half_close();
    ASSERT_TRUE(await([&] { return client.closed || client.received.ends_with("answered\n"); }));
    EXPECT_TRUE(client.received.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << client.received;
    EXPECT_NE(client.received.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << client.received;
  }
  const std::string with_body = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  Client client{loop_, server_->address()};
  client.send(with_body + get("/x"));
  client.half_close();
  ASSERT_TRUE(await([&] { return client.closed; }));
  EXPECT_TRUE(client.received.starts_with("HTTP/1.1 405 ")) << client.received;
  EXPECT_EQ(asked_, 0) << "a body is not taken for the next request";
}

TEST_F(Servers, RefuseWhatIsNoRequestForAPath) {
  serve();
  for (const char* sent :
       {"\x16\x03\x01\x02\r\n\r\n", "GET /x\r\n\r\n", "GET x HTTP/1.1\r\n\r\n", "GET * HTTP/1.1\r\n\r\n",
        "GET http://a/x HTTP/1.1\r\n\r\n", "GET /x HTTP/9.9\r\n\r\n", "GET /x HTTP/1.1\r\nA\r\n\r\n",
        "GET /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "GET /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
    Client client{loop_, server_->address()};
    client.send(sent);
    client.half_close();
    ASSERT_TRUE(await([&] { return client.closed; })) << sent;
    EXPECT_TRUE(client.received.starts_with("HTTP/1.1 400 Bad Request\r\n")) << sent << client.received;
  }
  EXPECT_EQ(asked_, 0);
}

TEST_F(Servers, RefuseAHeadThatIsTooLongWithoutReadingAllOfIt) {
  serve({.head_bytes = 1'024});
  for (const std::string& sent : {"GET /x HTTP/1.1\r\nA: " + std::string(4'000, 'a') + "\r\n\r\n",
                                  "GET /" + std::string(100'000, 'a'), std::string(100'000, 'a')}) {
    Client client{loop_, server_->address()};
    client.send(sent);
    client.half_close();
    ASSERT_TRUE(await([&] { return client.closed; }));
    EXPECT_TRUE(client.received.starts_with("HTTP/1.1 4")) << client.received;
  }
  EXPECT_TRUE(last_words("GET /" + std::string(900, 'a') + " HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(asked_, 1);
}

TEST_F(Servers, CutAClientThatDoesNotEndItsRequestInTime) {
  serve({.timeout = Millis{50}});
  Client slow{loop_, server_->address()};
  slow.send("GET /x HTTP/1.1\r\n");
  Client silent{loop_, server_->address()};
  EXPECT_TRUE(await([&] { return slow.closed && silent.closed; }));
  EXPECT_EQ(slow.received + silent.received, "");
}

TEST_F(Servers, CutAClientThatTakesItsAnswerAndStays) {
  serve({.timeout = seconds{1}});
  EXPECT_TRUE(last_words(get("/x")).ends_with("x of \n"));
}

TEST_F(Servers, CutAClientThatDoesNotTakeItsAnswerInTime) {
  serve({.timeout = Millis{50}});
  SlowReader slow{loop_, server_->address()};
  slow.send(get("/large"));
  const auto later = loop_.after(Millis{200}, [&] { slow.read(); });
  EXPECT_TRUE(await([&] { return slow.closed; }));
  EXPECT_LT(slow.received.size(), kLarge);
}

TEST_F(Servers, CloseTheOldestConnectionWhenThereAreTooMany) {
  serve({.connections = 2});
  Client first{loop_, server_->address()};
  Client second{loop_, server_->address()};
  for (Client* client : {&first, &second}) client->send(get("/x"));
  ASSERT_TRUE(await([&] { return !first.received.empty() && !second.received.empty(); }));
  Client third{loop_, server_->address()};
  third.send(get("/x"));
  ASSERT_TRUE(await([&] { return !third.received.empty() && first.closed; }));
  EXPECT_FALSE(second.closed);
}

TEST_F(Servers, ForgetConnectionsThatEnded) {
  serve({.connections = 2});
  Client first{loop_, server_->address()};
  first.send(get("/x"));
  ASSERT_TRUE(await([&] { return !first.received.empty(); }));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(last_words(last_get("/x")).ends_with("x of \n"));
  EXPECT_FALSE(first.closed);
}

TEST_F(Servers, SurviveAHandlerThatThrows) {
  serve();
  EXPECT_TRUE(last_words(last_get("/throw")).starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(last_words(last_get("/x")).starts_with("HTTP/1.1 200 "));
}

TEST_F(Servers, CloseTheirConnectionsWhenTheyEnd) {
  serve();
  Client client{loop_, server_->address()};
  client.send(get("/x"));
  ASSERT_TRUE(await([&] { return !client.received.empty(); }));
  Client idle{loop_, server_->address()};
  idle.send(get("/x"));
  ASSERT_TRUE(await([&] { return !idle.received.empty(); }));
  client.send(get("/x"));
  server_.reset();
  const SteadyTime began = loop_.now();
  EXPECT_TRUE(await([&] { return client.closed && idle.closed; }));
  EXPECT_LT(loop_.now() - began, seconds{5}) << "not by their time-out";
  EXPECT_EQ(asked_, 2);
}

TEST_F(Servers, ListenOnEveryFormOfAnAddress) {
  const auto handler = [](const ServerRequest&) { return ServerResponse{}; };
  auto every = Server::listen(loop_, ":0", handler);
  ASSERT_TRUE(every) << every.error().message;
  server_ = std::move(every).value();
  EXPECT_TRUE(last_words(last_get("/")).starts_with("HTTP/1.1 200 "));
  const auto six = Server::listen(loop_, "[::1]:0", handler);
  ASSERT_TRUE(six) << six.error().message;
  EXPECT_TRUE(six.value()->address().starts_with("[::1]:"));
}

TEST_F(Servers, SayWhichAddressIsTakenOrWrong) {
  serve();
  const auto handler = [](const ServerRequest&) { return ServerResponse{}; };
  const auto taken = Server::listen(loop_, server_->address(), handler);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "cannot listen on \"" + server_->address() + "\": Address already in use");
  for (const char* wrong : {"", "8080", "127.0.0.1", "127.0.0.1:", ":x", ":65536", ":-1", ":80 ", "::1:80", "[::1]",
                            "[127.0.0.1]:80", "name:80", "[]:80"}) {
    const auto refused = Server::listen(loop_, wrong, handler);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Errc::invalid);
    EXPECT_TRUE(refused.error().message.starts_with("cannot listen on \"" + std::string(wrong) + "\": it")) << wrong;
  }
}

}  // namespace
}  // namespace atelier::http
