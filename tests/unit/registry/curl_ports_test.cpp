#include "registry/curl_ports.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "unit/http/local_server.h"
#include "unit/http/port_fixture.h"
#include "unit/http/tls_server.h"

namespace atelier::registry {
namespace {

class RegistryPorts : public testing::PortTest {
 protected:
  std::string ask(const std::string& url, http::Method method = http::Method::get, Millis timeout = Millis{8'000}) {
    const auto make = curl_ports(loop_, "test", settings_);
    const auto port = make(parse_url(url)->origin);
    http::Request request = get(timeout);
    request.method = method;
    std::optional<Result<http::Response>> answer;
    const auto call = port->send(std::move(request), [&](Result<http::Response> r) { answer = std::move(r); });
    EXPECT_TRUE(await([&] { return answer.has_value(); }));
    if (!answer) return "nothing";
    if (*answer) return std::to_string(answer->value().status) + " " + answer->value().body;
    return std::string(to_string(answer->error().code)) + ": " + answer->error().message;
  }
  void allow(const std::string& url) { settings_.insecure.insert(parse_url(url)->origin); }

  Settings settings_;
  testing::LocalServer server_{loop_};
};

TEST_F(RegistryPorts, AreNotMadeToTheNodeItself) {
  EXPECT_EQ(ask(server_.url), "forbidden: GET /x: 127.0.0.1 is loopback, where no registry is asked");
  EXPECT_TRUE(server_.peers.empty()) << "not even a connection";
}

// The name is looked up when the connection is made: what a name means may change.
TEST_F(RegistryPorts, AreRefusedByTheAddressThatANameComesTo) {
  std::string url = server_.url;
  url.replace(url.find("127.0.0.1"), 9, "localhost");
  const std::string told = ask(url);
  EXPECT_TRUE(told.starts_with("forbidden: GET /x: ")) << told;
  EXPECT_TRUE(told.ends_with(" is loopback, where no registry is asked")) << told;
  EXPECT_TRUE(server_.peers.empty());
}

TEST_F(RegistryPorts, AreRefusedInEveryWayToWriteAnAddress) {
  const std::string port = server_.url.substr(server_.url.rfind(':'));
  for (const char* host : {"127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]",
                           "[0:0:0:0:0:ffff:7f00:1]", "169.254.169.254"}) {
    const std::string told = ask("http://" + std::string(host) + port);
    EXPECT_TRUE(told.starts_with("forbidden: ")) << host << " " << told;
  }
  EXPECT_TRUE(server_.peers.empty());
}

TEST_F(RegistryPorts, AreMadeToExactlyWhatTheOperatorsOwnerSays) {
  allow(server_.url);
  EXPECT_EQ(ask(server_.url), "200 hello");
  testing::LocalServer other{loop_};
  EXPECT_TRUE(ask(other.url).starts_with("forbidden: "));
}

TEST_F(RegistryPorts, GoThroughNoProxy) {
  testing::LocalServer proxy{loop_};
  ::setenv("http_proxy", proxy.url.c_str(), 1);
  ::setenv("all_proxy", proxy.url.c_str(), 1);
  allow(server_.url);
  EXPECT_EQ(ask(server_.url), "200 hello");
  EXPECT_TRUE(ask("http://169.254.169.254/").starts_with("forbidden: "));
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  EXPECT_TRUE(proxy.peers.empty());
}

TEST_F(RegistryPorts, TrustTheGivenAuthorities) {
  const testing::Authority authority{"authority"};
  testing::TlsServer server{loop_, authority.issue("server"), authority.pem()};
  allow(server.url);
  const std::string untrusted = ask(server.url);
  EXPECT_TRUE(untrusted.starts_with("transport: GET /x: ")) << untrusted;
  settings_.authorities_pem = authority.pem();
  EXPECT_EQ(ask(server.url), "200 nobody");
}

TEST_F(RegistryPorts, FollowNoRedirect) {
  allow(server_.url);
  server_.serve = [](testing::Peer& peer) {
    peer.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
  };
  EXPECT_EQ(ask(server_.url), "307 ");
}

TEST_F(RegistryPorts, ReadNoBodyOfAHead) {
  allow(server_.url);
  server_.serve = [](testing::Peer& peer) {
    EXPECT_TRUE(peer.request.starts_with("HEAD /x HTTP/1.1\r\n")) << peer.request;
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n");
  };
  EXPECT_EQ(ask(server_.url, http::Method::head), "200 ");
}

TEST_F(RegistryPorts, EndWhatIsEndless) {
  allow(server_.url);
  std::function<void(std::shared_ptr<testing::Peer>)> more;
  const std::string chunk = "10000\r\n" + std::string(65'536, 'a') + "\r\n";
  more = [&](const std::shared_ptr<testing::Peer>& peer) {
    boost::asio::async_write(peer->socket, boost::asio::buffer(chunk),
                             [&, peer](boost::system::error_code error, std::size_t) {
                               if (!error) more(peer);
                             });
  };
  server_.serve = [&](testing::Peer& peer) {
    peer.begin_chunks();
    more(peer.shared_from_this());
  };
  EXPECT_EQ(ask(server_.url), "server: GET /x: the answer is longer than 1048576 bytes");
}

TEST_F(RegistryPorts, EndAHeadThatIsEndless) {
  allow(server_.url);
  const std::string line = "X-More: " + std::string(65'536, 'a') + "\r\n";
  std::function<void(std::shared_ptr<testing::Peer>)> more = [&](const std::shared_ptr<testing::Peer>& peer) {
    boost::asio::async_write(peer->socket, boost::asio::buffer(line),
                             [&, peer](boost::system::error_code error, std::size_t) {
                               if (!error) more(peer);
                             });
  };
  server_.serve = [&](testing::Peer& peer) {
    peer.write("HTTP/1.1 200 OK\r\n");
    more(peer.shared_from_this());
  };
  const std::string told = ask(server_.url);
  EXPECT_TRUE(told.starts_with("transport: GET /x: ")) << told;
  EXPECT_EQ(told.find("Timeout"), std::string::npos) << told;
}

TEST_F(RegistryPorts, EndWhatOnlyDrips) {
  allow(server_.url);
  server_.serve = [](testing::Peer& peer) { peer.begin_chunks(); };
  const std::string told = ask(server_.url, http::Method::get, Millis{300});
  EXPECT_TRUE(told.starts_with("transport: GET /x: Timeout was reached")) << told;
}

}  // namespace
}  // namespace atelier::registry
