// Servers that mean harm, on real sockets.
#include <gtest/gtest.h>

#include "atelier/base/base64.h"
#include "integration/registry/poller_fixture.h"
#include "unit/http/local_server.h"

namespace atelier::registry {
namespace {

using std::chrono::seconds;

class HostileRegistries : public testing::PollerTest {
 protected:
  void SetUp() override { allow(server_.url); }
  // Answers every request with this, whole.
  void serve(const std::string& answer) {
    server_.serve = [this, answer](testing::Peer& peer) {
      requests_.push_back(peer.request);
      peer.write(answer);
    };
  }
  static Question with_credentials(Question question) {
    question.credentials = Credentials{"ann", "open sesame"};
    return question;
  }
  std::string host() const { return authority(server_.url); }

  testing::LocalServer server_{loop_};
  testing::LocalServer other_{loop_};
  std::vector<std::string> requests_;
};

TEST_F(HostileRegistries, LeadToNoMetadataService) {
  serve("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://169.254.169.254/latest/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ask(about(server_.url, "1")),
            "invalid: " + host() + " sends to 169.254.169.254, and no redirect is followed");
  serve(
      "HTTP/1.1 200 OK\r\nLink: <http://169.254.169.254/v2/team/app/tags/list?last=a>; rel=\"next\"\r\n"
      "Content-Length: 14\r\n\r\n{\"tags\":[\"a\"]}");
  Question listed = about(server_.url, "");
  listed.choose = [](const std::vector<std::string>&) { return std::nullopt; };
  EXPECT_EQ(ask(listed), "invalid: " + host() + "/team/app: its list goes on at 169.254.169.254, which is not asked");
}

TEST_F(HostileRegistries, GetNoCredentialsForAForeignRealm) {
  serve("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"" + other_.url +
        "/token\"\r\nContent-Length: 0\r\n\r\n");
  const std::string told = ask(with_credentials(about(server_.url, "1")));
  // The other server has the same host here, so that what keeps us is its address.
  EXPECT_EQ(told,
            "invalid: " + authority(other_.url) + ": GET /token: 127.0.0.1 is loopback, where no registry is asked");
  serve("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"http://localhost:" +
        other_.url.substr(other_.url.rfind(':') + 1) + "/token\"\r\nContent-Length: 0\r\n\r\n");
  const std::string foreign = ask(with_credentials(about(server_.url, "2")));
  EXPECT_TRUE(foreign.ends_with("which only the operator's --registry-realm can allow")) << foreign;
  EXPECT_TRUE(other_.peers.empty());
  for (const std::string& request : requests_) EXPECT_EQ(request.find("Authorization"), std::string::npos) << request;
}

TEST_F(HostileRegistries, AreNotReadWithoutEnd) {
  const std::string chunk = "10000\r\n" + std::string(65'536, '[') + "\r\n";
  std::function<void(const std::shared_ptr<testing::Peer>&)> more = [&](const std::shared_ptr<testing::Peer>& peer) {
    boost::asio::async_write(peer->socket, boost::asio::buffer(chunk),
                             [&, peer](boost::system::error_code error, std::size_t) {
                               if (!error) more(peer);
                             });
  };
  server_.serve = [&](testing::Peer& peer) {
    peer.begin_chunks();
    more(peer.shared_from_this());
  };
  EXPECT_EQ(ask(about(server_.url, "")),
            "invalid: " + host() + ": GET /v2/team/app/tags/list: the answer is longer than 1048576 bytes");
}

TEST_F(HostileRegistries, WriteNothingIntoAStatusOrALog) {
  serve("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://a\x1b[2J.test/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ask(about(server_.url, "1")),
            "invalid: " + host() + " sends to another address, and no redirect is followed");
  serve("HTTP/1.1 200 OK\r\nDocker-Content-Digest: sha256:\x1b[2J\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ask(about(server_.url, "2")), "invalid: " + host() + "/team/app: its digest is no sha256");
}

TEST_F(HostileRegistries, AreLeftAloneForAsLongAsTheyWant) {
  serve("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n");
  const SteadyTime began = loop_.now();
  EXPECT_EQ(ask(about(server_.url, "1")), "throttled: " + host() + " is asked too often");
  poller().ask({"another", "asker"}, about(server_.url, "2"));
  EXPECT_TRUE(await([&] { return requests_.size() >= 2; }));
  EXPECT_GE(loop_.now() - began, seconds{3});
}

TEST_F(HostileRegistries, DoNotHinderOneThatAnswers) {
  std::vector<std::unique_ptr<testing::LocalServer>> silent;
  for (int i = 0; i < 40; ++i) {
    silent.push_back(std::make_unique<testing::LocalServer>(loop_));
    silent.back()->serve = [](testing::Peer& peer) { peer.begin_chunks(); };
    allow(silent.back()->url);
  }
  const std::string digest = "sha256:" + std::string(64, 'a');
  serve("HTTP/1.1 200 OK\r\nDocker-Content-Digest: " + digest + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(ask(about(server_.url, "1")), "1@" + digest);
  int number = 0;
  for (const auto& server : silent) {
    Question question = about(server->url, "");
    poller().ask({"evil", std::to_string(++number)}, question);
  }
  const std::size_t before = requests_.size();
  const SteadyTime began = loop_.now();
  EXPECT_TRUE(await([&] { return requests_.size() >= before + 4; }));
  EXPECT_LT(loop_.now() - began, seconds{8});
}

}  // namespace
}  // namespace atelier::registry
