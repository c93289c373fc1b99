#include "kube/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace atelier::kube {
namespace {

SteadyTime no_time() { return {}; }

// A kubeconfig with one context; `cluster` and `user` are lines of those sections.
std::string with(const std::string& cluster, const std::string& user) {
  const auto indent = [](const std::string& lines) {
    std::string all;
    std::size_t at = 0;
    while (at < lines.size()) {
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      all += "    " + lines.substr(at, end - at) + "\n";
      at = end + 1;
    }
    return all;
  };
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {cluster: k, user: u, "
         "namespace: team-a}\nclusters:\n- name: k\n  cluster:\n" +
         indent(cluster) + "users:\n- name: u\n  user:\n" + indent(user);
}

Result<Config> parse(const std::string& text, std::string_view context = {}) {
  return parse_kubeconfig(text, "/home/x/.kube/config", context, no_time);
}

std::string refusal(const std::string& text, std::string_view context = {}) {
  const auto config = parse(text, context);
  return config ? "accepted" : config.error().message;
}

TEST(Kubeconfigs, GiveTheEndpointOfTheCurrentContext) {
  const auto config =
      parse(with("server: https://h:6443/\ncertificate-authority-data: Zm9v\ntls-server-name: n\n"
                 "proxy-url: http://p:3128",
                 "client-certificate-data: YmFy\nclient-key-data: Zm8="));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.base_url, "https://h:6443");
  EXPECT_EQ(config.value().endpoint.ca_pem, "foo");
  EXPECT_EQ(config.value().endpoint.client_cert_pem, "bar");
  EXPECT_EQ(config.value().endpoint.client_key_pem, "fo");
  EXPECT_EQ(config.value().endpoint.server_name, "n");
  EXPECT_EQ(config.value().endpoint.proxy_url, "http://p:3128");
  EXPECT_EQ(config.value().ns, "team-a");
  EXPECT_FALSE(config.value().endpoint.bearer_token);
}

TEST(Kubeconfigs, CarryATokenAndSkipVerificationWhenTold) {
  const auto config = parse(with("server: https://h\ninsecure-skip-tls-verify: true", "token: secret"));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config.value().endpoint.insecure);
  EXPECT_EQ(config.value().endpoint.bearer_token(), "secret");
}

TEST(Kubeconfigs, ReadFilesRelativeToTheirOwnFolder) {
  const std::string folder = ::testing::TempDir() + "kubeconfig/";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "ca.crt") << "authority";
  std::ofstream(folder + "token") << "secret\n";
  std::ofstream(folder + "config") << with("server: https://h\ncertificate-authority: ca.crt", "tokenFile: token");
  const auto config = load_kubeconfig(folder + "config", {}, no_time);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.ca_pem, "authority");
  EXPECT_EQ(config.value().endpoint.bearer_token(), "secret");
}

TEST(Kubeconfigs, SayWhichFieldIsWrong) {
  const std::string at = "kubeconfig /home/x/.kube/config: ";
  EXPECT_EQ(refusal(with("server: ftp://h", "")),
            at + "clusters[0].cluster.server: must start with https:// or http://");
  EXPECT_EQ(refusal(with("certificate-authority-data: Zm9v", "")), at + "clusters[0].cluster.server: is missing");
  EXPECT_EQ(refusal(with("server: https://h\ncertificate-authority-data: '*'", "")),
            at + "clusters[0].cluster.certificate-authority-data: is not base64");
  EXPECT_EQ(refusal(with("server: [1]", "")), at + "clusters[0].cluster.server: must be a string");
  EXPECT_EQ(refusal(with("server: https://h\ninsecure-skip-tls-verify: maybe", "token: x")),
            at + "clusters[0].cluster.insecure-skip-tls-verify: must be true or false");
  EXPECT_EQ(refusal(with("server: https://h", "client-certificate-data: Zm9v")),
            at + "users[0].user.client-key: is missing: they come in pairs");
  EXPECT_EQ(refusal(with("server: https://h", "token: x"), "d"), at + "contexts: has no entry named \"d\"");
  EXPECT_EQ(refusal("contexts: []"), at + "current-context: is missing; set it or pass a context");
  EXPECT_EQ(refusal("current-context: c\ncontexts: {}"), at + "contexts: must be a list");
  EXPECT_EQ(refusal("- a"), at + "file: must be a mapping");
  EXPECT_EQ(refusal(with("server: https://h\ncertificate-authority: no-such-file", "token: x")),
            at + "clusters[0].cluster.certificate-authority: /home/x/.kube/no-such-file: No such file or directory");
}

TEST(Kubeconfigs, SayWhereTheYamlIsBroken) {
  EXPECT_TRUE(refusal("a: b\nc: [").starts_with("kubeconfig /home/x/.kube/config: line 2")) << refusal("a: b\nc: [");
}

TEST(Kubeconfigs, RefuseCredentialsTheyCannotUseInsteadOfBeingAnonymous) {
  for (const char* field : {"exec", "auth-provider", "as", "username"}) {
    EXPECT_EQ(refusal(with("server: https://h", std::string(field) + ": {a: b}")),
              std::string("kubeconfig /home/x/.kube/config: users[0].user.") + field +
                  ": is not supported; use a client certificate, token or tokenFile");
  }
}

TEST(Kubeconfigs, ThatAreNotThereSayWhere) {
  EXPECT_EQ(load_kubeconfig("/no/such", {}, no_time).error().message, "kubeconfig /no/such: No such file or directory");
}

TEST(InClusterConfigs, ComeFromTheServiceAccount) {
  InCluster pod;
  pod.folder = ::testing::TempDir() + "serviceaccount";
  std::filesystem::create_directories(pod.folder);
  std::ofstream(pod.folder + "/ca.crt") << "authority";
  std::ofstream(pod.folder + "/token") << "secret";
  std::ofstream(pod.folder + "/namespace") << "atelier-system";
  pod.host = "fd00::1";
  pod.port = "443";
  const auto config = load_in_cluster(pod, no_time);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.base_url, "https://[fd00::1]:443");
  EXPECT_EQ(config.value().endpoint.bearer_token(), "secret");
  EXPECT_EQ(config.value().ns, "atelier-system");
}

TEST(InClusterConfigs, AreRefusedOutsideOfAPod) {
  EXPECT_FALSE(load_in_cluster({}, no_time));
  InCluster pod;
  pod.host = "h";
  pod.port = "1";
  pod.folder = "/no/such";
  EXPECT_EQ(load_in_cluster(pod, no_time).error().message, "/no/such/ca.crt: No such file or directory");
}

}  // namespace
}  // namespace atelier::kube
