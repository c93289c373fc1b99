#include <cstdlib>
#include <map>
#include <vector>

#include "atelier/http/asio_processes.h"
#include "unit/http/port_fixture.h"
#include "unit/http/proxies.h"
#include "unit/http/tls_server.h"
#include "unit/kube/temp_folder.h"

namespace atelier::http {
namespace {

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
  // What the curl of the command line gets from the server through a proxy: that the proxy of this test is one.
  std::string curl(const std::string& proxy) {
    folder_.write("ca.pem", authority_.pem());
    const std::string authority = folder_.file("ca.pem");
    AsioProcesses processes{loop_};
    std::optional<ProcessEnd> end;
    Command command;
    command.argv = {"curl",
                    "-sS",
                    "--noproxy",
                    "",
                    "--cacert",
                    authority,
                    "--proxy",
                    proxy,
                    "--proxy-cacert",
                    authority,
                    "https://server.test:" + server_.port + "/x"};
    const auto process = processes.run(command, [&end](ProcessEnd ended) { end = std::move(ended); });
    EXPECT_TRUE(await([&end] { return end.has_value(); }));
    return end ? end->output + end->diagnostics : "";
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

  testing::Authority authority_{"authority"};
  testing::TlsServer server_{loop_, authority_.issue("server"), authority_.pem()};
  testing::ConnectProxy proxy_{loop_, server_.port};
  testing::TempFolder folder_;
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

TEST_F(Proxies, OfTheEnvironmentMaySpeakTls) {
  testing::TlsProxy proxy{loop_, server_.port, authority_.issue("proxy")};
  ASSERT_EQ(curl("https://" + proxy.address), "nobody");
  endpoint_.base_url = "https://server.test:" + server_.port;
  set("HTTPS_PROXY", "https://" + proxy.address);
  EXPECT_EQ(ask(), "nobody");
  ASSERT_EQ(proxy.asked.size(), 2U);
  EXPECT_EQ(proxy.asked[1], proxy.asked[0]);
  endpoint_.proxy_url = "https://" + proxy.address;
  port_.reset();
  EXPECT_EQ(ask(), "nobody");
  EXPECT_EQ(proxy.asked.size(), 3U);
}

TEST_F(Proxies, ThatSpeakTlsHaveToShowWhoTheyAre) {
  const testing::Authority stranger{"stranger"};
  testing::TlsProxy proxy{loop_, server_.port, stranger.issue("proxy")};
  EXPECT_NE(curl("https://" + proxy.address), "nobody");
  set("HTTPS_PROXY", "https://" + proxy.address);
  EXPECT_NE(ask(), "nobody");
  EXPECT_TRUE(proxy.asked.empty());
}

TEST_F(Proxies, OfTheEnvironmentMayBeSocksAndLookUpTheHost) {
  testing::SocksProxy proxy{loop_, server_.port};
  ASSERT_EQ(curl("socks5h://" + proxy.address), "nobody");
  endpoint_.base_url = "https://server.test:" + server_.port;
  for (const char* name : {"HTTPS_PROXY", "all_proxy"}) {
    for (const char* scheme : {"socks5://", "socks5h://"}) {
      set(name, scheme + proxy.address);
      port_.reset();
      EXPECT_EQ(ask(), "nobody") << name << scheme;
    }
    ::unsetenv(name);
  }
  EXPECT_EQ(proxy.asked, std::vector<std::string>(5, "server.test"));
}

TEST_F(Proxies, OfTheEnvironmentThatAreSocksAreNotUsedForWhatItExcepts) {
  testing::SocksProxy proxy{loop_, server_.port};
  set("HTTPS_PROXY", "socks5://" + proxy.address);
  set("NO_PROXY", "127.0.0.0/8");
  EXPECT_EQ(ask(), "nobody");
  EXPECT_TRUE(proxy.asked.empty());
  endpoint_.proxy_url = "socks5://" + proxy.address;
  port_.reset();
  EXPECT_EQ(ask(), "nobody");
  EXPECT_EQ(proxy.asked.size(), 1U);
}

}  // namespace
}  // namespace atelier::http
