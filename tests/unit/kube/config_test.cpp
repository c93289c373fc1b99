#include "atelier/kube/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>

#include "atelier/base/base64.h"
#include "support/fake_loop.h"
#include "unit/http/certificates.h"
#include "unit/kube/fake_processes.h"
#include "unit/kube/kubeconfig_text.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

using testing::kubeconfig_with;

// What a request would be sent with now.
http::Credential credential_of(const http::Endpoint& endpoint) {
  http::Credential all{endpoint.bearer_token, endpoint.ca_pem, endpoint.client_cert_pem, endpoint.client_key_pem};
  if (endpoint.credentials) {
    endpoint.credentials->get([&all](const Result<http::Credentials::Snapshot>& snapshot) { all = *snapshot.value(); });
  }
  return all;
}

// Sets variables for one test.
class Configs : public ::testing::Test {
 protected:
  static constexpr std::array kVariables = {"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HOME"};

  void SetUp() override {
    for (const char* name : kVariables) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_[name] = value;
      ::unsetenv(name);
    }
    std::filesystem::create_directory(temp_.file(".kube"));
    temp_.write(".kube/config", kubeconfig_with("server: https://home", "token: x"));
    temp_.write("other", kubeconfig_with("server: https://other", "token: x"));
  }
  void TearDown() override {
    for (const char* name : kVariables) {
      ::unsetenv(name);
      if (before_.contains(name)) set(name, before_[name]);
    }
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  // The server or the error.
  std::string server(const std::string& kubeconfig = {}, std::string_view context = {}) {
    return server_of(load_config(kubeconfig, context, loop_, processes_));
  }
  static std::string server_of(const Result<Config>& config) {
    return config ? config.value().endpoint.base_url : config.error().message;
  }
  Result<Config> load(const std::string& cluster, const std::string& user) {
    temp_.write("config", kubeconfig_with(cluster, user));
    return load_kubeconfig(temp_.file("config"), {}, loop_, processes_);
  }
  std::string refusal(const std::string& cluster, const std::string& user) {
    const auto config = load(cluster, user);
    const std::string at = "kubeconfig " + temp_.file("config") + ": ";
    if (config) return "accepted";
    EXPECT_TRUE(config.error().message.starts_with(at)) << config.error().message;
    return config.error().message.substr(std::min(at.size(), config.error().message.size()));
  }

  testing::FakeLoop loop_;
  testing::FakeProcesses processes_;
  testing::TempFolder temp_;
  testing::Authority authority_{"authority"};
  testing::KeyPair pair_ = authority_.issue("jane");
  std::map<std::string, std::string> before_;
};

TEST_F(Configs, ComeFromTheFirstPlaceThatIsSet) {
  EXPECT_TRUE(server().starts_with("no cluster is configured")) << server();
  set("HOME", temp_.path());
  EXPECT_EQ(server(), "https://home");
  set("KUBERNETES_SERVICE_HOST", "10.0.0.1");
  EXPECT_EQ(server("", "c"), "https://home") << "a pod's service account has no contexts";
  EXPECT_TRUE(server().starts_with("KUBERNETES_SERVICE_HOST and")) << server();
  set("KUBECONFIG", temp_.file("other"));
  EXPECT_EQ(server(), "https://other");
  EXPECT_EQ(server(temp_.file(".kube/config")), "https://home");
  EXPECT_EQ(server("/no/such"), "kubeconfig /no/such: No such file or directory");
  set("KUBECONFIG", ":");
  EXPECT_EQ(server("", "c"), "https://home") << "a list of nothing is no list";
}

TEST_F(Configs, TakeInlineDataAsItIs) {
  const auto config = load("server: https://h/\ncertificate-authority-data: " + base64_encode(authority_.pem()) +
                               "\nproxy-url: http://p:1\ntls-server-name: n\ndisable-compression: true",
                           "client-certificate-data: " + base64_encode(pair_.certificate) +
                               "\nclient-key-data: " + base64_encode(pair_.key) + "\ntoken: t\nas: jane");
  ASSERT_TRUE(config) << config.error().message;
  const http::Endpoint& endpoint = config.value().endpoint;
  EXPECT_EQ(endpoint.base_url, "https://h");
  EXPECT_EQ(endpoint.ca_pem, authority_.pem());
  EXPECT_EQ(endpoint.client_cert_pem, pair_.certificate);
  EXPECT_EQ(endpoint.client_key_pem, pair_.key);
  EXPECT_EQ(endpoint.bearer_token, "t");
  EXPECT_EQ(endpoint.proxy_url, "http://p:1");
  EXPECT_EQ(endpoint.server_name, "n");
  EXPECT_FALSE(endpoint.compression);
  EXPECT_EQ(endpoint.headers, (http::Headers{{"Impersonate-User", "jane"}}));
  EXPECT_FALSE(endpoint.credentials) << "nothing can change";
  EXPECT_EQ(config.value().ns, "team-a");
  EXPECT_EQ(config.value().source, temp_.file("config"));
}

TEST_F(Configs, ReadFilesRelativeToTheirOwnFolderAndAgainWhenTheyChange) {
  temp_.write("ca.crt", authority_.pem());
  temp_.write("cert", pair_.certificate);
  temp_.write("token", "secret\n");
  const auto config = load("server: https://h\ncertificate-authority: ca.crt",
                           "tokenFile: " + temp_.file("token") + "\ntoken: older\nclient-certificate: ./cert\n" +
                               "client-key-data: " + base64_encode(pair_.key));
  ASSERT_TRUE(config) << config.error().message;
  const http::Credential first = credential_of(config.value().endpoint);
  EXPECT_EQ(first.ca_pem, authority_.pem());
  EXPECT_EQ(first.client_cert_pem, pair_.certificate);
  EXPECT_EQ(first.client_key_pem, pair_.key) << "a key of the kubeconfig, a certificate of a file";
  EXPECT_EQ(first.bearer_token, "secret");
  temp_.write("token", "fresh");
  loop_.advance(Millis{60'000});
  EXPECT_EQ(credential_of(config.value().endpoint).bearer_token, "fresh");
}

TEST_F(Configs, SayWhichFieldNamesABadFile) {
  temp_.write("empty", "");
  temp_.write("junk", "junk");
  temp_.write("cert", pair_.certificate);
  temp_.write("key", authority_.issue("other").key);
  EXPECT_EQ(refusal("server: https://h\ncertificate-authority: none", ""),
            "clusters[0].cluster.certificate-authority: " + temp_.file("none") + ": No such file or directory");
  EXPECT_EQ(refusal("server: https://h\ncertificate-authority: empty", ""),
            "clusters[0].cluster.certificate-authority: " + temp_.file("empty") + ": is empty");
  EXPECT_EQ(refusal("server: https://h\ncertificate-authority: junk", ""),
            "clusters[0].cluster.certificate-authority: " + temp_.file("junk") + ": holds no certificate in PEM form");
  EXPECT_EQ(refusal("server: https://h\ncertificate-authority-data: Zm9v", ""),
            "clusters[0].cluster.certificate-authority-data: holds no certificate in PEM form");
  EXPECT_EQ(refusal("server: https://h", "client-certificate: cert\nclient-key: key"),
            "users[0].user.client-certificate: " + temp_.file("cert") + ": comes with the key of another certificate");
  EXPECT_EQ(refusal("server: https://h", "tokenFile: empty"),
            "users[0].user.tokenFile: " + temp_.file("empty") + ": there is no token in it");
}

TEST_F(Configs, OfFilesThatAreNoneAreRefused) {
  EXPECT_EQ(server(temp_.path()), "kubeconfig " + temp_.path() + ": Is a directory");
  temp_.write("big", std::string((8U << 20U) + 1, '#'));
  EXPECT_EQ(server(temp_.file("big")), "kubeconfig " + temp_.file("big") + ": is larger than 8388608 bytes");
  EXPECT_EQ(server("/dev/zero"), "kubeconfig /dev/zero: is larger than 8388608 bytes");
  temp_.write("binary", std::string("\x7f"
                                    "ELF\0\1",
                                    6));
  EXPECT_EQ(server(temp_.file("binary")), "kubeconfig " + temp_.file("binary") + ": is no text file");
  if (::geteuid() != 0) {
    std::filesystem::permissions(temp_.file("other"), std::filesystem::perms::none);
    EXPECT_EQ(server(temp_.file("other")), "kubeconfig " + temp_.file("other") + ": Permission denied");
  }
}

TEST_F(Configs, OfSeveralFilesTakeWhatTheFirstOfThemNames) {
  std::filesystem::create_directory(temp_.file("b"));
  temp_.write("a", "contexts: [{name: one, context: {cluster: k, user: u}}]\nusers: [{name: u, user: {token: a}}]");
  temp_.write("b/config",
              "current-context: one\ncontexts: [{name: one, context: {cluster: wrong}}, {name: two, context: "
              "{cluster: k, user: u}}]\nclusters: [{name: k, cluster: {server: 'https://b', certificate-authority: "
              "ca}}]\nusers: [{name: u, user: {token: b, as: eve}}]");
  temp_.write("b/ca", authority_.pem());
  temp_.write("c", "current-context: wrong\nclusters: [{name: k, cluster: {server: 'https://c'}}]");
  const std::string list = temp_.file("a") + "::" + temp_.file("none") + ":" + temp_.file("b/config") + ":" +
                           temp_.file("c") + ":" + temp_.file("a");
  set("KUBECONFIG", list);
  for (const char* context : {"", "one", "two"}) {
    const auto config = load_config({}, context, loop_, processes_);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config.value().endpoint.base_url, "https://b");
    EXPECT_EQ(credential_of(config.value().endpoint).ca_pem, authority_.pem()) << "beside the file that names it";
    EXPECT_EQ(credential_of(config.value().endpoint).bearer_token, "a");
    EXPECT_TRUE(config.value().endpoint.headers.empty()) << "nothing of the second file's user";
    EXPECT_EQ(config.value().source, temp_.file("a") + ":" + temp_.file("b/config") + ":" + temp_.file("c"));
  }
}

TEST_F(Configs, OfSeveralFilesSayWhichOneIsWrong) {
  temp_.write("a", "current-context: one\ncontexts: [{name: one, context: {cluster: k, user: u}}]");
  temp_.write("b", "clusters: [{name: k, cluster: {server: 'x'}}]");
  const std::string both = temp_.file("a") + ":" + temp_.file("b");
  const auto load_both = [&](std::string_view context = {}) {
    return server_of(load_kubeconfigs(both, context, loop_, processes_));
  };
  EXPECT_EQ(load_both(),
            "kubeconfig " + temp_.file("b") + ": clusters[0].cluster.server: must start with https:// or http://");
  temp_.write("b", "clusters: [{name: k, cluster: {server: 'https://x'}}]");
  EXPECT_EQ(load_both(),
            "kubeconfig " + temp_.file("a") + ": contexts[0].context.user: names \"u\", which " + both + " has not");
  EXPECT_EQ(load_both("two"), "kubeconfig " + both + ": contexts: has no entry named \"two\"; there are one");
  temp_.write("b", "contexts: [{name: three, context: {cluster: k, user: u}}]");
  EXPECT_EQ(load_both("two"), "kubeconfig " + both + ": contexts: has no entry named \"two\"; there are one, three");
  temp_.write("b", "a: [");
  EXPECT_TRUE(load_both().starts_with("kubeconfig " + temp_.file("b") + ": line 1")) << load_both();
  EXPECT_EQ(server_of(load_kubeconfigs("/no/a:/no/b", {}, loop_, processes_)),
            "kubeconfig /no/a:/no/b: none of these files is there");
}

TEST_F(Configs, RunAPluginOnlyForTheFirstRequest) {
  const std::string exec =
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}";
  const auto config = load("server: https://h", exec);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_TRUE(config.value().endpoint.credentials);
  EXPECT_TRUE(processes_.runs.empty());
  config.value().endpoint.credentials->get([](const auto&) {});
  EXPECT_EQ(processes_.runs.size(), 1U);
  const auto with_token = load("server: https://h", exec + "\ntoken: t");
  ASSERT_TRUE(with_token) << with_token.error().message;
  EXPECT_FALSE(with_token.value().endpoint.credentials) << "a token is enough";
}

class InClusterConfigs : public ::testing::Test {
 protected:
  void SetUp() override {
    temp_.write("ca.crt", authority_.pem());
    temp_.write("token", "secret");
    temp_.write("namespace", "atelier-system\n");
    pod_.folder = temp_.path();
    pod_.host = "fd00::1";
    pod_.port = "443";
  }
  testing::FakeLoop loop_;
  testing::TempFolder temp_;
  testing::Authority authority_{"cluster"};
  InCluster pod_;
};

TEST_F(InClusterConfigs, ComeFromTheServiceAccount) {
  const auto config = load_in_cluster(pod_, loop_);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.base_url, "https://[fd00::1]:443");
  EXPECT_EQ(credential_of(config.value().endpoint).ca_pem, authority_.pem());
  EXPECT_EQ(credential_of(config.value().endpoint).bearer_token, "secret");
  EXPECT_EQ(config.value().ns, "atelier-system");
}

TEST_F(InClusterConfigs, FollowWhatTheKubeletReplaces) {
  const auto config = load_in_cluster(pod_, loop_);
  const testing::Authority next{"next"};
  temp_.write("ca.crt", next.pem());
  temp_.write("token", "fresh");
  loop_.advance(Millis{60'000});
  EXPECT_EQ(credential_of(config.value().endpoint).ca_pem, next.pem());
  EXPECT_EQ(credential_of(config.value().endpoint).bearer_token, "fresh");
}

TEST_F(InClusterConfigs, AreRefusedOutsideOfAPod) {
  EXPECT_FALSE(load_in_cluster({}, loop_));
  pod_.folder = "/no/such";
  EXPECT_EQ(load_in_cluster(pod_, loop_).error().message,
            "/no/such/ca.crt: No such file or directory: this pod's service account is not mounted");
}

TEST_F(InClusterConfigs, AreRefusedWithoutAuthorityOrToken) {
  temp_.write("token", "");
  EXPECT_TRUE(load_in_cluster(pod_, loop_).error().message.starts_with(temp_.file("token") + ": there is no token"));
  temp_.write("ca.crt", "");
  EXPECT_TRUE(load_in_cluster(pod_, loop_).error().message.starts_with(temp_.file("ca.crt") + ": is empty"));
}

}  // namespace
}  // namespace atelier::kube
