#include "kube/exec_plugin.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/http/certificates.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

constexpr std::string_view kV1 = "client.authentication.k8s.io/v1";
constexpr WallTime kNow{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

Result<ExecCredential> parse(const json& status) {
  const json document = {{"apiVersion", kV1}, {"kind", "ExecCredential"}, {"status", status}};
  return parse_exec_credential(document.dump(), kV1, kNow);
}
std::string refusal(const Result<ExecCredential>& credential) {
  return credential ? "accepted" : credential.error().message;
}

TEST(ExecCredentialDocuments, GiveATokenWithItsExpiry) {
  const auto credential = parse({{"token", "secret"}, {"expirationTimestamp", "2026-01-01T01:00:00Z"}});
  ASSERT_TRUE(credential) << credential.error().message;
  EXPECT_EQ(credential.value().token, "secret");
  EXPECT_EQ(credential.value().expires, kNow + std::chrono::hours{1});
  EXPECT_EQ(parse({{"token", "secret"}}).value().expires, std::nullopt);
}

TEST(ExecCredentialDocuments, GiveACertificateWithItsKey) {
  const testing::Authority authority{"a"};
  const testing::KeyPair one = authority.issue("one");
  const testing::KeyPair two = authority.issue("two");
  const auto credential = parse({{"clientCertificateData", one.certificate}, {"clientKeyData", one.key}});
  ASSERT_TRUE(credential) << credential.error().message;
  EXPECT_EQ(credential.value().client_cert_pem, one.certificate);
  EXPECT_EQ(credential.value().client_key_pem, one.key);
  EXPECT_EQ(refusal(parse({{"clientCertificateData", one.certificate}, {"clientKeyData", two.key}})),
            "gave a status.clientCertificateData that comes with the key of another certificate");
  EXPECT_EQ(refusal(parse({{"clientCertificateData", one.certificate}})),
            "gave only one of status.clientCertificateData and status.clientKeyData");
}

TEST(ExecCredentialDocuments, AreRefusedWithoutRepeatingThem) {
  const std::string no_json = "did not write an ExecCredential in JSON to its standard output";
  for (const char* text : {"", "secret", "[]", "{\"kind\":", "\"x\""}) {
    EXPECT_EQ(refusal(parse_exec_credential(text, kV1, kNow)), no_json) << text;
  }
  EXPECT_EQ(refusal(parse_exec_credential(std::string(1'000'000, '['), kV1, kNow)), no_json);
  EXPECT_EQ(refusal(parse_exec_credential("{}", kV1, kNow)), "wrote a document whose kind is not ExecCredential");
  EXPECT_EQ(refusal(parse_exec_credential(R"({"kind":"ExecCredential","apiVersion":"v1"})", kV1, kNow)),
            "did not answer in apiVersion client.authentication.k8s.io/v1, which the kubeconfig names: set "
            "exec.apiVersion to what it supports");
  EXPECT_EQ(refusal(parse(nullptr)), "gave no status");
  EXPECT_EQ(refusal(parse(json::object())),
            "gave neither status.token nor status.clientCertificateData and clientKeyData");
  EXPECT_EQ(refusal(parse({{"token", 1}})), "gave a status.token that is no string");
  EXPECT_EQ(refusal(parse({{"token", "a\r\nX-Evil: b"}})), "gave a status.token with control characters");
  EXPECT_EQ(refusal(parse({{"token", "a"}, {"expirationTimestamp", "soon"}})),
            "gave a status.expirationTimestamp that is no RFC 3339 time");
}

TEST(ExecCredentialDocuments, ThatHaveExpiredAlreadyAreRefused) {
  EXPECT_EQ(refusal(parse({{"token", "a"}, {"expirationTimestamp", "2026-01-01T00:00:00Z"}})),
            "gave a credential that had expired at 2026-01-01T00:00:00Z");
}

TEST(ExecPlugins, AreToldOfTheClusterIfTheyWantTo) {
  ExecPlugin plugin;
  plugin.api_version = kV1;
  ExecCluster cluster;
  cluster.server = "https://h";
  cluster.ca_pem = "authority";
  cluster.tls_server_name = "n";
  cluster.config_json = R"({"a":[1,true]})";
  EXPECT_EQ(json::parse(exec_info(plugin, cluster)),
            json::parse(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",
                            "spec":{"interactive":false}})"));
  plugin.provide_cluster_info = true;
  EXPECT_EQ(json::parse(exec_info(plugin, cluster))["spec"],
            json::parse(R"({"interactive":false,"cluster":{"server":"https://h","tls-server-name":"n",
                            "certificate-authority-data":"YXV0aG9yaXR5","config":{"a":[1,true]}}})"));
}

TEST(ExecPlugins, SayHowTheyFailed) {
  ExecPlugin plugin;
  plugin.install_hint = "Install it\nfrom somewhere";
  ProcessEnd end;
  end.code = 3;
  end.output = "secret";
  end.diagnostics = "\x1b[31mno login\nrun x\n";
  EXPECT_EQ(failure_of(plugin, end), "ended with exit code 3: \\x1b[31mno login; run x");
  end.diagnostics.clear();
  end.how = ProcessEnd::How::not_found;
  EXPECT_EQ(failure_of(plugin, end), "is not installed: there is no such program. Install it; from somewhere");
  end.how = ProcessEnd::How::timed_out;
  EXPECT_EQ(failure_of(plugin, end), "did not end in time and was killed");
}

}  // namespace
}  // namespace atelier::kube
