#include "atelier/kube/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "unit/kube/temp_folder.h"

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
  const testing::TempFolder temp;
  temp.write("ca.crt", "authority");
  temp.write("cert", "certificate");
  temp.write("key", "secret key");
  temp.write("token", "secret\n");
  temp.write("config",
             with("server: https://h\ncertificate-authority: ca.crt",
                  "tokenFile: token\ntoken: older\nclient-certificate: ./cert\nclient-key: " + temp.file("key")));
  const auto config = load_kubeconfig(temp.file("config"), {}, no_time);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.ca_pem, "authority");
  EXPECT_EQ(config.value().endpoint.client_cert_pem, "certificate");
  EXPECT_EQ(config.value().endpoint.client_key_pem, "secret key");
  EXPECT_EQ(config.value().endpoint.bearer_token(), "secret");
}

TEST(Kubeconfigs, DoNotTakeAnEmptyAuthorityForEveryAuthority) {
  const testing::TempFolder temp;
  temp.write("ca.crt", "");
  temp.write("config", with("server: https://h\ncertificate-authority: ca.crt", "token: x"));
  EXPECT_EQ(load_kubeconfig(temp.file("config"), {}, no_time).error().message,
            "kubeconfig " + temp.file("config") +
                ": clusters[0].cluster.certificate-authority: " + temp.file("ca.crt") + ": is empty");
}

TEST(Kubeconfigs, HaveContextsToChooseFrom) {
  const std::string text =
      "current-context: a\ncontexts:\n- {name: a, context: {cluster: x, user: u}}\n"
      "- {name: b, context: {cluster: y, user: u, namespace: team-b}}\nclusters:\n"
      "- {name: x, cluster: {server: 'https://x'}}\n- {name: y, cluster: {server: 'https://y'}}\n"
      "users:\n- {name: u, user: {token: t}}\n";
  EXPECT_EQ(parse(text).value().endpoint.base_url, "https://x");
  EXPECT_EQ(parse(text).value().ns, "default");
  EXPECT_EQ(parse(text, "b").value().endpoint.base_url, "https://y");
  EXPECT_EQ(parse(text, "b").value().ns, "team-b");
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
  EXPECT_EQ(refusal(with("server: https://h", "tokenFile: no-such-file")),
            at + "users[0].user.tokenFile: /home/x/.kube/no-such-file has no token");
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

class InClusterConfigs : public ::testing::Test {
 protected:
  void SetUp() override {
    temp_.write("ca.crt", "authority");
    temp_.write("token", "secret");
    temp_.write("namespace", "atelier-system\n");
    pod_.folder = temp_.path();
    pod_.host = "fd00::1";
    pod_.port = "443";
  }
  testing::TempFolder temp_;
  InCluster pod_;
};

TEST_F(InClusterConfigs, ComeFromTheServiceAccount) {
  const auto config = load_in_cluster(pod_, no_time);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config.value().endpoint.base_url, "https://[fd00::1]:443");
  EXPECT_EQ(config.value().endpoint.ca_pem, "authority");
  EXPECT_EQ(config.value().endpoint.bearer_token(), "secret");
  EXPECT_EQ(config.value().ns, "atelier-system");
}

TEST_F(InClusterConfigs, AreRefusedOutsideOfAPod) {
  EXPECT_FALSE(load_in_cluster({}, no_time));
  pod_.folder = "/no/such";
  EXPECT_EQ(load_in_cluster(pod_, no_time).error().message, "/no/such/ca.crt: No such file or directory");
}

TEST_F(InClusterConfigs, AreRefusedWithoutAuthorityOrToken) {
  temp_.write("token", "");
  EXPECT_EQ(load_in_cluster(pod_, no_time).error().message,
            temp_.file("token") + ": there is no service account token");
  temp_.write("ca.crt", "");
  EXPECT_EQ(load_in_cluster(pod_, no_time).error().message, temp_.file("ca.crt") + ": is empty");
}

// Sets variables for one test.
class Configs : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HOME"}) {
      const char* value = std::getenv(name);
      if (value != nullptr) before_[name] = value;
      ::unsetenv(name);
    }
    std::filesystem::create_directory(temp_.file(".kube"));
    temp_.write(".kube/config", with("server: https://home", "token: x"));
    temp_.write("other", with("server: https://other", "token: x"));
  }
  void TearDown() override {
    for (const char* name : {"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "HOME"}) {
      ::unsetenv(name);
      if (before_.contains(name)) set(name, before_[name]);
    }
  }
  static void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  // The server or the error.
  static std::string server(const std::string& kubeconfig = {}, std::string_view context = {}) {
    const auto config = load_config(kubeconfig, context, no_time);
    return config ? config.value().endpoint.base_url : config.error().message;
  }
  testing::TempFolder temp_;
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
  set("KUBECONFIG", "/a:/b");
  EXPECT_EQ(server(), "KUBECONFIG=/a:/b: a list of files is not supported; name one file");
}

}  // namespace
}  // namespace atelier::kube
