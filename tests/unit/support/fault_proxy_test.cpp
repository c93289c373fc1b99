#include "support/fault_proxy.h"

#include <gtest/gtest.h>

#include <optional>

#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "support/fault_proxy_command.h"
#include "support/fault_proxy_message.h"
#include "unit/http/local_server.h"
#include "unit/kube/fake_processes.h"
#include "unit/kube/temp_folder.h"

namespace atelier::testing {
namespace {

using std::chrono::seconds;

struct Listener final : http::StreamHandler {
  void on_head(int, const http::Headers&) override {}
  void on_data(std::string_view bytes) override { data += bytes; }
  void on_end(Result<void> result) override { ended = std::move(result); }

  std::string data;
  std::optional<Result<void>> ended;
};

class FaultProxies : public ::testing::Test {
 protected:
  FaultProxies() {
    server_.serve = [](Peer& peer) { peer.answer("200 OK", "hello"); };
  }

  http::Endpoint server() const {
    http::Endpoint endpoint;
    endpoint.base_url = server_.url;
    return endpoint;
  }
  [[nodiscard]] bool await(const std::function<bool()>& holds) {
    const SteadyTime end = loop_.now() + seconds{10};
    while (!holds() && loop_.now() < end) loop_.context().run_one_for(seconds{1});
    return holds();
  }
  // The answer's body, or "-".
  std::string ask(const std::string& target = "/x") {
    std::optional<std::string> body;
    http::Request request;
    request.target = target;
    request.timeout = seconds{8};
    const auto call = port_.send(request, [&](const Result<http::Response>& r) { body = r ? r.value().body : "-"; });
    EXPECT_TRUE(await([&] { return body.has_value(); }));
    return body.value_or("");
  }
  std::string log() const {
    std::string text;
    for (const LogEntry& entry : proxy_.log()) text += to_string(entry) + "\n";
    return text;
  }

  http::AsioLoop loop_;
  LocalServer server_{loop_};
  FaultProxy proxy_{loop_, server()};
  http::CurlPort port_{loop_, proxy_.endpoint(), "test"};
};

TEST_F(FaultProxies, PassOnWhatHasNoRuleAndKeepConnections) {
  EXPECT_EQ(ask("/a"), "hello");
  EXPECT_EQ(ask("/b"), "hello");
  EXPECT_EQ(log(), "GET /a -> 200\nGET /b -> 200\n");
  EXPECT_EQ(server_.peers.size(), 1U);
  EXPECT_EQ(proxy_.idle(), 1U);
}

TEST_F(FaultProxies, HarmTheRequestsThatARuleSays) {
  int served = 0;
  server_.serve = [&](Peer& peer) {
    ++served;
    peer.answer("200 OK", "hello");
  };
  const auto rule =
      proxy_.on({.method = "GET", .target = "x", .from = 2, .times = 2}, fault::Answer{http_answer(500, {}, "told")});
  EXPECT_EQ(ask("/x1") + ask("/y") + ask("/x2") + ask("/x3") + ask("/x4"), "hellohellotoldtoldhello");
  EXPECT_EQ(rule->seen, 4U);
  EXPECT_EQ(rule->applied, 2U);
  EXPECT_EQ(proxy_.requests("GET", "/x"), 4U);
  EXPECT_EQ(served, 3);
}

TEST_F(FaultProxies, CutAtTheirPlace) {
  server_.serve = [](Peer& peer) { peer.answer("200 OK", "hello you"); };
  const auto cut = [this](Place place) {
    proxy_.clear_rules();
    proxy_.cut_idle(Ending::close);
    proxy_.on({}, fault::Cut{std::move(place), Ending::close});
    Listener listener;
    http::Request request;
    request.target = "/x";
    const auto call = port_.stream(request, listener);
    EXPECT_TRUE(await([&] { return listener.ended.has_value(); }));
    EXPECT_FALSE(*listener.ended);
    return listener.data;
  };
  EXPECT_EQ(cut({}), "");
  EXPECT_EQ(cut({"\r\n\r\n", 3}), "hel");
  EXPECT_EQ(cut({"ell", 2}), "hello ");
}

TEST_F(FaultProxies, CutAtAMarkerThatComesInPieces) {
  server_.serve = [](Peer& peer) { peer.write("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhel"); };
  proxy_.on({}, fault::Cut{{"hello", 1}});
  Listener listener;
  http::Request request;
  request.target = "/x";
  const auto call = port_.stream(request, listener);
  ASSERT_TRUE(await([&] { return listener.data == "hel"; }));
  server_.peers[0]->write("lo you");
  ASSERT_TRUE(await([&] { return listener.ended.has_value(); }));
  EXPECT_EQ(listener.data, "hello ");
}

TEST_F(FaultProxies, HoldWatchesButNothingElse) {
  server_.serve = [](Peer& peer) {
    if (peer.request.find("watch=1") == std::string::npos) return peer.answer("200 OK", "hello");
    peer.begin_chunks();
    peer.chunk("one");
  };
  Listener listener;
  http::Request request;
  request.target = "/x?watch=1";
  const auto call = port_.stream(request, listener);
  ASSERT_TRUE(await([&] { return listener.data == "one"; }));
  proxy_.freeze();
  server_.peers[0]->chunk("two");
  EXPECT_EQ(ask(), "hello");
  EXPECT_EQ(listener.data, "one");
  EXPECT_EQ(proxy_.watches(), 1U);
  proxy_.thaw();
  EXPECT_TRUE(await([&] { return listener.data == "onetwo"; }));
  proxy_.cut_watches(Ending::reset);
  EXPECT_TRUE(await([&] { return listener.ended.has_value(); }));
}

TEST_F(FaultProxies, DeliverALateRequestOfAClientThatGaveUp) {
  int served = 0;
  server_.serve = [&](Peer& peer) {
    ++served;
    peer.answer("200 OK", "hello");
  };
  proxy_.on({}, fault::DelayRequest{Millis{200}});
  http::Request request;
  request.target = "/x";
  auto call = port_.send(request, [](const Result<http::Response>&) { ADD_FAILURE() << "nobody waits for it"; });
  ASSERT_TRUE(await([&] { return proxy_.requests("GET", "/x") == 1; }));
  call.reset();
  EXPECT_EQ(served, 0);
  EXPECT_TRUE(await([&] { return served == 1; }));
}

TEST_F(FaultProxies, SendTwiceAndAnswerOnce) {
  int served = 0;
  server_.serve = [&](Peer& peer) { peer.answer("200 OK", std::to_string(++served)); };
  proxy_.on({}, fault::Duplicate{});
  EXPECT_EQ(ask(), "2");
  EXPECT_EQ(ask(), "3");
}

TEST_F(FaultProxies, AreGoneAndComeBackAtTheSamePort) {
  EXPECT_EQ(ask(), "hello");
  proxy_.refuse();
  proxy_.cut_all(Ending::reset);
  EXPECT_EQ(ask(), "-");
  proxy_.listen();
  EXPECT_EQ(ask(), "hello");
}

TEST_F(FaultProxies, TakeCommandsAsText) {
  EXPECT_EQ(perform(proxy_, "rule GET ~^/x$ 1 always answer 429 7"), "ok\n");
  EXPECT_NE(ask("/x").find("\"code\":429"), std::string::npos);
  EXPECT_EQ(ask("/xx"), "hello");
  EXPECT_EQ(perform(proxy_, "count * /x"), "2\nok\n");
  EXPECT_EQ(perform(proxy_, "log"), "GET /x -> 0 answer\nGET /xx -> 200\nok\n");
  EXPECT_EQ(perform(proxy_, "clear"), "ok\n");
  EXPECT_EQ(ask("/x"), "hello");
  for (const char* good :
       {"rule * * 1 1 cut reset 10 marker", "rule * * 1 1 stall 0", "rule * watch 2 1 slice 1",
        "rule * * 1 1 delay-request 5", "rule * * 1 1 delay-answer 5", "rule * * 1 1 garbage", "rule * * 1 1 swallow",
        "rule * * 1 1 duplicate", "rule * * 1 1 reset-before-request", "cut watches close", "cut idle reset",
        "cut all reset", "freeze", "thaw", "refuse", "listen"}) {
    EXPECT_EQ(perform(proxy_, good), "ok\n") << good;
  }
  for (const char* bad : {"", "melt", "rule * * x 1 swallow", "rule * ~( 1 1 swallow", "rule * * 1 1 cut 5",
                          "rule * * 1 1 slice 0", "rule * * 1 1 burn", "cut some reset", "cut all"}) {
    EXPECT_TRUE(perform(proxy_, bad).starts_with("error ")) << bad;
  }
}

TEST_F(FaultProxies, WriteAKubeconfigThatLeadsThroughThem) {
  http::Endpoint server;
  server.bearer_token = "secret";
  const TempFolder folder;
  folder.write("with", kubeconfig_through(proxy_, server));
  folder.write("without", kubeconfig_through(proxy_, {}));
  FakeProcesses processes;
  const auto config = kube::load_kubeconfig(folder.file("with"), {}, loop_, processes);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.base_url, proxy_.endpoint().base_url);
  EXPECT_EQ(config.value().endpoint.ca_pem, proxy_.ca_pem());
  EXPECT_EQ(config.value().endpoint.bearer_token, "secret");
  EXPECT_TRUE(kube::load_kubeconfig(folder.file("without"), {}, loop_, processes));
}

TEST(WholeRequests, AreFoundInPiecesAndOneBehindTheOther) {
  const std::string first = "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";
  const std::string second = "PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nxy\r\n0\r\n\r\n";
  RequestReader reader;
  std::vector<WholeRequest> found;
  for (const char c : first + second + second) {
    reader.feed({&c, 1});
    if (auto request = reader.take()) found.push_back(std::move(*request));
  }
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].bytes, first);
  EXPECT_EQ(found[1].bytes, second);
  EXPECT_EQ(found[2].target, "/b");
  found[2].set_target("/other");
  EXPECT_TRUE(found[2].bytes.starts_with("PUT /other HTTP/1.1\r\n"));
}

TEST(Answers, EndWhereTheyEnd) {
  const auto ends = [](const std::string& bytes) {
    AnswerReader reader;
    std::size_t at = 0;
    while (at < bytes.size() && !reader.complete() && !reader.broken()) reader.feed(bytes.substr(at++, 1));
    return reader.broken() ? "broken" : reader.complete() ? std::to_string(bytes.size() - at) : "open";
  };
  EXPECT_EQ(ends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc"), "1");
  EXPECT_EQ(ends("HTTP/1.1 204 No Content\r\n\r\nabc"), "3");
  EXPECT_EQ(ends(chunked_answer({"abc", "de\r\n"}, true) + "x"), "1");
  EXPECT_EQ(ends(chunked_answer({"abc"}, false)), "open");
  EXPECT_EQ(ends("HTTP/1.1 200 OK\r\n\r\nabc"), "open");
  EXPECT_EQ(ends("SSH-2.0-OpenSSH\r\n\r\n"), "broken");
}

}  // namespace
}  // namespace atelier::testing
