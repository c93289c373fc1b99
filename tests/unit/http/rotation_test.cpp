#include "unit/http/fake_credentials.h"
#include "unit/http/port_fixture.h"
#include "unit/http/tls_server.h"

namespace atelier::http {
namespace {

using testing::KeyPair;
using testing::Listener;

class Rotation : public testing::PortTest {
 protected:
  Rotation() {
    endpoint_.base_url = server_.url;
    endpoint_.credentials = credentials_;
  }
  static http::Credential credential(const testing::Authority& authority, const KeyPair& client) {
    return {"", authority.pem(), client.certificate, client.key};
  }

  testing::Authority authority_{"authority"};
  testing::Authority other_{"other authority"};
  KeyPair jane_ = authority_.issue("jane");
  KeyPair joe_ = authority_.issue("joe");
  testing::TlsServer server_{loop_, authority_.issue("server"), authority_.pem()};
  std::shared_ptr<testing::FakeCredentials> credentials_ = std::make_shared<testing::FakeCredentials>();
};

TEST_F(Rotation, OfTheClientCertificateLeadsToNewConnections) {
  credentials_->set(credential(authority_, jane_));
  EXPECT_EQ(ask(), "jane");
  EXPECT_EQ(ask(), "jane");
  EXPECT_EQ(server_.connections, 1) << "kept while the certificate is the same";
  credentials_->set(credential(authority_, joe_));
  EXPECT_EQ(ask(), "joe");
  EXPECT_EQ(ask(), "joe");
  EXPECT_EQ(server_.connections, 2);
  EXPECT_TRUE(credentials_->refusals.empty());
}

TEST_F(Rotation, OfTheAuthorityLeadsToNewConnections) {
  credentials_->set(credential(authority_, jane_));
  EXPECT_EQ(ask(), "jane");
  server_.use(other_.issue("server"), authority_.pem());
  credentials_->set(credential(other_, jane_));
  EXPECT_EQ(ask(), "jane") << "the pooled connection was made to another authority's server";
  EXPECT_EQ(server_.connections, 2);
}

TEST_F(Rotation, IsAskedForWhenTheServersCertificateIsNotTrusted) {
  credentials_->set(credential(other_, jane_));
  const auto refused = credentials_->current;
  const auto answer = ask(get());
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::transport);
  EXPECT_EQ(credentials_->refusals, std::vector{refused});
  credentials_->set(credential(authority_, jane_));
  EXPECT_EQ(ask(), "jane");
}

TEST_F(Rotation, IsAskedForWhenTheServerEndsTheHandshakeBecauseOfTheClient) {
  server_.must_know_client = true;
  server_.use(authority_.issue("server"), authority_.pem());
  credentials_->set(credential(authority_, other_.issue("jane")));
  const auto answer = ask(get());
  ASSERT_TRUE(answer && !*answer);
  EXPECT_EQ(answer->error().code, Errc::transport);
  EXPECT_EQ(credentials_->refusals.size(), 1U) << answer->error().message;
}

TEST_F(Rotation, LeavesARunningStreamAlone) {
  server_.answer = [](const std::string& client) {  // does not end
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::to_string(client.size()) + "\r\n" + client +
           "\r\n";
  };
  credentials_->set(credential(authority_, jane_));
  Listener old;
  const auto watch = port().stream(get(Millis{0}), old);
  ASSERT_TRUE(await([&] { return old.data == "jane"; }));
  credentials_->set(credential(authority_, joe_));
  Listener fresh;
  const auto next = port().stream(get(Millis{0}), fresh);
  ASSERT_TRUE(await([&] { return fresh.data == "joe"; }));
  EXPECT_FALSE(old.ended);
}

TEST_F(Rotation, IsNotNeededForInlineCertificates) {
  endpoint_.credentials.reset();
  endpoint_.ca_pem = authority_.pem();
  EXPECT_EQ(ask(), "nobody");
  endpoint_.client_cert_pem = jane_.certificate;
  endpoint_.client_key_pem = jane_.key;
  port_.reset();
  EXPECT_EQ(ask(), "jane");
}

}  // namespace
}  // namespace atelier::http
