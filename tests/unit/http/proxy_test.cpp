#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <cstdlib>
#include <map>
#include <vector>

#include "unit/http/port_fixture.h"
#include "unit/http/tls_server.h"

namespace atelier::http {
namespace {

using boost::asio::ip::tcp;

// Connects its clients to a server on this machine, whatever host they ask for.
class ConnectProxy {
 public:
  ConnectProxy(AsioLoop& loop, std::string target_port)
      : loop_(loop),
        acceptor_(loop.context(), {boost::asio::ip::address_v4::loopback(), 0}),
        target_port_(std::move(target_port)) {
    address = "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    accept();
  }

  std::string address;
  std::vector<std::string> asked;  // the first lines

 private:
  struct Tunnel {
    Tunnel(tcp::socket client_in, tcp::socket server_in) : client(std::move(client_in)), server(std::move(server_in)) {}
    tcp::socket client;
    tcp::socket server;
    std::string head;
    std::array<std::array<char, 4096>, 2> buffers{};
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error) return;
      begin(std::make_shared<Tunnel>(std::move(socket), tcp::socket{loop_.context()}));
      accept();
    });
  }
  void begin(const std::shared_ptr<Tunnel>& tunnel) {
    boost::asio::async_read_until(
        tunnel->client, boost::asio::dynamic_buffer(tunnel->head), "\r\n\r\n",
        [this, tunnel](boost::system::error_code error, std::size_t) {
          if (error) return;
          asked.push_back(tunnel->head.substr(0, tunnel->head.find("\r\n")));
          const auto port = static_cast<unsigned short>(std::stoi(target_port_));
          tunnel->server.connect({boost::asio::ip::address_v4::loopback(), port});
          boost::asio::write(tunnel->client, boost::asio::buffer("HTTP/1.1 200 Connection established\r\n\r\n", 39));
          copy(tunnel, tunnel->client, tunnel->server, 0);
          copy(tunnel, tunnel->server, tunnel->client, 1);
        });
  }
  void copy(const std::shared_ptr<Tunnel>& tunnel, tcp::socket& from, tcp::socket& to, std::size_t way) {
    from.async_read_some(boost::asio::buffer(tunnel->buffers.at(way)),
                         [this, tunnel, &from, &to, way](boost::system::error_code error, std::size_t count) {
                           if (error) return;
                           boost::asio::write(to, boost::asio::buffer(tunnel->buffers.at(way), count));
                           copy(tunnel, from, to, way);
                         });
  }

  AsioLoop& loop_;
  tcp::acceptor acceptor_;
  std::string target_port_;
};

class Proxies : public testing::PortTest {
 protected:
  static constexpr std::array kVariables = {"HTTPS_PROXY", "https_proxy", "NO_PROXY",
                                            "no_proxy",    "ALL_PROXY",   "all_proxy"};

  void SetUp() override {
    for (const char* name : kVariables) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_[name] = value;
      ::unsetenv(name);
    }
    endpoint_.base_url = server_.url;
    endpoint_.ca_pem = authority_.pem();
  }
  void TearDown() override {
    for (const char* name : kVariables) {
      ::unsetenv(name);
      if (before_.contains(name)) ::setenv(name, before_[name].c_str(), 1);
    }
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  testing::Authority authority_{"authority"};
  testing::TlsServer server_{loop_, authority_.issue("server"), authority_.pem()};
  ConnectProxy proxy_{loop_, server_.port};
  std::map<std::string, std::string> before_;
};

TEST_F(Proxies, OfTheEnvironmentAreUsed) {
  set("HTTPS_PROXY", "http://" + proxy_.address);
  EXPECT_EQ(ask(), "nobody");
  EXPECT_EQ(proxy_.asked, std::vector<std::string>{"CONNECT 127.0.0.1:" + server_.port + " HTTP/1.1"});
}

TEST_F(Proxies, OfTheEnvironmentAreNotUsedForWhatItExcepts) {
  set("HTTPS_PROXY", "http://" + proxy_.address);
  for (const char* excepted : {"127.0.0.1", "10.0.0.0/8,127.0.0.0/8", "*"}) {
    set("NO_PROXY", excepted);
    port_.reset();
    EXPECT_EQ(ask(), "nobody") << excepted;
    EXPECT_TRUE(proxy_.asked.empty()) << excepted;
  }
  set("NO_PROXY", "10.0.0.0/8,example.org");
  port_.reset();
  EXPECT_EQ(ask(), "nobody");
  EXPECT_EQ(proxy_.asked.size(), 1U);
}

TEST_F(Proxies, OfTheEnvironmentAreNotUsedForExceptedDomains) {
  endpoint_.base_url = "https://server.test:" + server_.port;
  set("HTTPS_PROXY", "http://" + proxy_.address);
  EXPECT_EQ(ask(), "nobody") << "the proxy knows where server.test is";
  EXPECT_EQ(proxy_.asked.size(), 1U);
  for (const char* excepted : {"server.test", ".test", "test"}) {
    set("NO_PROXY", excepted);
    port_.reset();
    EXPECT_NE(ask(), "nobody") << "nobody else knows where it is: " << excepted;
    EXPECT_EQ(proxy_.asked.size(), 1U) << excepted;
  }
}

TEST_F(Proxies, AreNotUsedForWhatIsAskedDirectly) {
  set("HTTPS_PROXY", "http://" + proxy_.address);
  set("ALL_PROXY", "http://" + proxy_.address);
  endpoint_.direct = true;
  EXPECT_EQ(ask(), "nobody");
  EXPECT_TRUE(proxy_.asked.empty());
}

TEST_F(Proxies, OfTheEndpointAreUsedForEveryHost) {
  endpoint_.proxy_url = "http://" + proxy_.address;
  set("HTTPS_PROXY", "http://127.0.0.1:1");
  set("NO_PROXY", "*");
  EXPECT_EQ(ask(), "nobody");
  EXPECT_EQ(proxy_.asked.size(), 1U);
}

}  // namespace
}  // namespace atelier::http
