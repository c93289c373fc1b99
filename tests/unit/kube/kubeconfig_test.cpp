#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include "unit/kube/kubeconfig_text.h"

namespace atelier::kube {
namespace {

using testing::kubeconfig_with;

constexpr const char* kFile = "/home/x/.kube/config";

Result<Choice> parse(const std::string& text, std::string_view context = {}) {
  ATELIER_TRY(const Kubeconfig kubeconfig, parse_kubeconfig(text, kFile));
  return choose(kubeconfig, context);
}
std::string refusal(const std::string& text, std::string_view context = {}) {
  const auto choice = parse(text, context);
  if (choice) return "accepted";
  const std::string at = std::string("kubeconfig ") + kFile + ": ";
  EXPECT_TRUE(choice.error().message.starts_with(at)) << choice.error().message;
  EXPECT_EQ(choice.error().code, Errc::invalid);
  return choice.error().message.substr(std::min(at.size(), choice.error().message.size()));
}
std::string user_refusal(const std::string& user) { return refusal(kubeconfig_with("server: https://h", user)); }

TEST(Kubeconfigs, SayWhatTheirCurrentContextNames) {
  const auto choice =
      parse(kubeconfig_with("server: https://h:6443/\ncertificate-authority-data: Zm9v\ntls-server-name: n\n"
                            "proxy-url: socks5://p:3128\ndisable-compression: true",
                            "client-certificate-data: YmFy\nclient-key: key.pem\ntoken: ' secret '"));
  ASSERT_TRUE(choice) << choice.error().message;
  const Choice& c = choice.value();
  EXPECT_EQ(c.cluster.server, "https://h:6443");
  EXPECT_EQ(c.authority.data, "foo");
  EXPECT_EQ(c.authority.where, "kubeconfig /home/x/.kube/config: clusters[0].cluster.certificate-authority-data");
  EXPECT_EQ(c.client_cert.data, "bar");
  EXPECT_EQ(c.client_key.path, "/home/x/.kube/key.pem");
  EXPECT_EQ(c.cluster.tls_server_name, "n");
  EXPECT_EQ(c.cluster.proxy_url, "socks5://p:3128");
  EXPECT_TRUE(c.cluster.disable_compression);
  EXPECT_FALSE(c.cluster.insecure);
  EXPECT_EQ(c.token, "secret");
  EXPECT_EQ(c.ns, "team-a");
  EXPECT_FALSE(c.plugin);
}

TEST(Kubeconfigs, HaveContextsToChooseFrom) {
  const std::string text =
      "current-context: a\ncontexts:\n- {name: a, context: {cluster: x, user: u}}\n"
      "- {name: b, context: {cluster: y, user: u, namespace: team-b}}\nclusters:\n"
      "- {name: x, cluster: {server: 'https://x'}}\n- {name: y, cluster: {server: 'https://y'}}\n"
      "users:\n- {name: u, user: {token: t}}\n- {name: unused, user: {auth-provider: {}}}\n";
  EXPECT_EQ(parse(text).value().cluster.server, "https://x");
  EXPECT_EQ(parse(text).value().ns, "");
  EXPECT_EQ(parse(text, "b").value().cluster.server, "https://y");
  EXPECT_EQ(parse(text, "b").value().ns, "team-b");
}

TEST(Kubeconfigs, SayWhichFieldIsWrong) {
  EXPECT_EQ(refusal(kubeconfig_with("server: ftp://h", "")),
            "clusters[0].cluster.server: must start with https:// or http://");
  EXPECT_EQ(refusal(kubeconfig_with("certificate-authority-data: Zm9v", "")), "clusters[0].cluster.server: is missing");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h\ncertificate-authority-data: '*'", "")),
            "clusters[0].cluster.certificate-authority-data: is not base64");
  EXPECT_EQ(
      refusal(kubeconfig_with("server: https://h\ncertificate-authority-data: Zm9v\ncertificate-authority: a", "")),
      "clusters[0].cluster.certificate-authority: contradicts certificate-authority-data: remove one of them");
  EXPECT_EQ(refusal(kubeconfig_with("server: [1]", "")), "clusters[0].cluster.server: must be a string");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h\nserver: https://i", "")),
            "clusters[0].cluster.server: is there twice");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h\ninsecure-skip-tls-verify: maybe", "")),
            "clusters[0].cluster.insecure-skip-tls-verify: must be true or false");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h\ninsecure-skip-tls-verify: true\ncertificate-authority: a", "")),
            "clusters[0].cluster.insecure-skip-tls-verify: contradicts certificate-authority: remove one of them");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h\nproxy-url: ftp://p", "")),
            "clusters[0].cluster.proxy-url: must start with http://, https:// or socks5://");
  EXPECT_EQ(user_refusal("client-certificate-data: Zm9v"), "users[0].user.client-key: is missing: they come in pairs");
  EXPECT_EQ(user_refusal("token: \"a\\nb\""), "users[0].user.token: must be without control characters");
  EXPECT_EQ(refusal(kubeconfig_with("server: https://h", "token: x"), "d"),
            "contexts: has no entry named \"d\"; there are c");
  EXPECT_EQ(refusal(""), "current-context: is missing; set it or pass a context");
  EXPECT_EQ(refusal("contexts: []"), "current-context: is missing; set it or pass a context");
  EXPECT_EQ(refusal("current-context: c\ncontexts: {}"), "contexts: must be a list");
  EXPECT_EQ(refusal("contexts: [a]"), "contexts[0]: must be a mapping");
  EXPECT_EQ(refusal("users: [{user: {}}]"), "users[0].name: is missing");
  EXPECT_EQ(refusal("users: [{name: a}, {name: a}]"), "users[1].name: \"a\" is there twice");
  EXPECT_EQ(refusal("kind: Pod"), "kind: must be Config");
  EXPECT_EQ(refusal("apiVersion: v2"), "apiVersion: must be v1");
  EXPECT_EQ(refusal("- a"), "file: must be a mapping");
  EXPECT_EQ(refusal("[a]: b"), "a key: must be a string");
  EXPECT_EQ(refusal("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]"),
            "contexts[0].context.cluster: names \"k\", which /home/x/.kube/config has not");
}

TEST(Kubeconfigs, SayWhereTheYamlIsBroken) {
  EXPECT_TRUE(refusal("a: b\nc: [").starts_with("line 2")) << refusal("a: b\nc: [");
  EXPECT_EQ(refusal(std::string("\x7f"
                                "ELF\0\0",
                                6))
                .substr(0, 5),
            "is no");
}

TEST(Kubeconfigs, SurviveHostileYaml) {
  EXPECT_NE(refusal(std::string(100'000, '[')), "accepted");
  EXPECT_NE(refusal("&a [*a]"), "accepted");
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 1; j < 10; ++j) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_EQ(refusal(bomb), "current-context: is missing; set it or pass a context");
  const std::string extension =
      "server: https://h\nextensions:\n- {name: client.authentication.k8s.io/exec, extension: *a29}";
  EXPECT_EQ(refusal(bomb + kubeconfig_with(extension, "")),
            "clusters[0].cluster.extensions[0].extension: is no JSON document, or is too large or too deep for one");
  EXPECT_EQ(refusal("current-context: c\ncontexts: &c [{name: c, context: {cluster: *c}}]"),
            "contexts[0].context.cluster: must be a string");
}

TEST(Kubeconfigs, RefuseCredentialsTheyCannotUseInsteadOfBeingAnonymous) {
  EXPECT_EQ(user_refusal("auth-provider: {name: gcp}"),
            "users[0].user.auth-provider: is not supported: use exec with your provider's plugin");
  for (const std::string field : {"username", "password"}) {
    EXPECT_EQ(user_refusal(field + ": a"), "users[0].user." + field +
                                               ": is not supported: no API server has taken it since Kubernetes 1.19; "
                                               "use a client certificate, a token or exec");
    EXPECT_EQ(user_refusal(field + ": ''"), "accepted");
  }
}

TEST(Kubeconfigs, AreTextSoThatWhatIsWrongCanBeTold) {
  for (const std::string text : {"contexts: [{name: \"\xff\"}, {name: \"\xff\"}]", "a: \xc3", "users: {\xe2\x82: 1}"}) {
    const auto read = parse_kubeconfig(text, "f");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "kubeconfig f: is no text file");
  }
  EXPECT_TRUE(parse_kubeconfig("a: \xc3\xa4", "f"));
  EXPECT_EQ(parse_kubeconfig("\"\\\xd9\xb1\"", "f").error().message,
            "kubeconfig f: line 1: unknown escape character: ");
}

TEST(Kubeconfigs, SkipWhatTheyDoNotKnow) {
  EXPECT_EQ(refusal("preferences: {colors: true}\nextensions: [1]\n" +
                    kubeconfig_with("server: https://h\nnew: 1", "x: [1]")),
            "accepted");
}

TEST(Impersonations, AreHeaders) {
  const auto choice = parse(kubeconfig_with(
      "server: https://h",
      "as: jane\nas-uid: '7'\nas-groups: [a, b c]\nas-user-extra: {scopes: [x, y], acme.com/project%: [z]}"));
  ASSERT_TRUE(choice) << choice.error().message;
  const http::Headers expected = {{"Impersonate-User", "jane"},
                                  {"Impersonate-Uid", "7"},
                                  {"Impersonate-Group", "a"},
                                  {"Impersonate-Group", "b c"},
                                  {"Impersonate-Extra-scopes", "x"},
                                  {"Impersonate-Extra-scopes", "y"},
                                  {"Impersonate-Extra-acme.com%2Fproject%25", "z"}};
  EXPECT_EQ(choice.value().impersonation, expected);
}

TEST(Impersonations, AreRefusedWhenTheyAreNone) {
  EXPECT_EQ(user_refusal("as: \"a\\nImpersonate-Group: system:masters\""),
            "users[0].user.as: must be without line breaks and control characters");
  EXPECT_EQ(user_refusal("as: a\nas-groups: [\"b\\r\\nX: y\"]"),
            "users[0].user.as-groups: must be without line breaks and control characters");
  EXPECT_EQ(user_refusal("as-groups: [a]"),
            "users[0].user.as: is missing: as-uid, as-groups and as-user-extra are about that user");
  EXPECT_EQ(user_refusal("as: a\nas-groups: b"), "users[0].user.as-groups: must be a list of strings");
  EXPECT_EQ(user_refusal("as: a\nas-user-extra: {k: v}"), "users[0].user.as-user-extra.k: must be a list of strings");
}

std::string exec(const std::string& fields) { return "exec:\n  " + fields; }

TEST(ExecStanzas, SayWhatToRun) {
  const auto choice = parse(
      kubeconfig_with("server: https://h\nextensions: [{name: client.authentication.k8s.io/exec, extension: {a: 1, b: "
                      "'2', c: [true]}}]",
                      exec("apiVersion: client.authentication.k8s.io/v1\n  command: bin/login\n  args: [--x, y z]\n"
                           "  env: [{name: A, value: b=c}]\n  installHint: Install it.\n  provideClusterInfo: true\n"
                           "  interactiveMode: IfAvailable")));
  ASSERT_TRUE(choice) << choice.error().message;
  ASSERT_TRUE(choice.value().plugin);
  const ExecPlugin& plugin = *choice.value().plugin;
  EXPECT_EQ(plugin.argv, (std::vector<std::string>{"/home/x/.kube/bin/login", "--x", "y z"}));
  EXPECT_EQ(plugin.env, (std::vector<std::pair<std::string, std::string>>{{"A", "b=c"}}));
  EXPECT_EQ(plugin.install_hint, "Install it.");
  EXPECT_TRUE(plugin.provide_cluster_info);
  EXPECT_EQ(plugin.where, "kubeconfig /home/x/.kube/config: users[0].user.exec");
  EXPECT_EQ(choice.value().cluster.config_json, R"({"a":1,"b":"2","c":[true]})");
}

TEST(ExecStanzas, TakeACommandWithoutASlashFromThePath) {
  const auto choice = parse(
      kubeconfig_with("server: https://h", exec("{apiVersion: client.authentication.k8s.io/v1beta1, command: login}")));
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice.value().plugin->argv, (std::vector<std::string>{"login"}));
}

TEST(ExecStanzas, SayWhichFieldIsWrong) {
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1";
  const auto refused = [](const std::string& fields) { return user_refusal("exec: {" + fields + "}"); };
  EXPECT_EQ(refused("command: x, apiVersion: client.authentication.k8s.io/v1alpha1"),
            "users[0].user.exec.apiVersion: must be client.authentication.k8s.io/v1 or "
            "client.authentication.k8s.io/v1beta1");
  EXPECT_EQ(refused(v1), "users[0].user.exec.command: is missing");
  EXPECT_EQ(refused(v1 + ", command: x"),
            "users[0].user.exec.interactiveMode: is missing: set it to Never or IfAvailable");
  EXPECT_EQ(refused(v1 + ", command: x, interactiveMode: Always"),
            "users[0].user.exec.interactiveMode: is Always, and this program has no terminal: use a plugin that works "
            "with Never or IfAvailable, or a token");
  EXPECT_EQ(refused(v1 + ", command: x, interactiveMode: never"),
            "users[0].user.exec.interactiveMode: must be Never or IfAvailable");
  EXPECT_EQ(refused(v1 + ", command: x, args: y"), "users[0].user.exec.args: must be a list of strings");
  EXPECT_EQ(refused(v1 + ", command: x, args: [\"a\\0b\"]"),
            "users[0].user.exec.args: must be without null characters");
  EXPECT_EQ(refused(v1 + ", command: x, env: [{value: y}]"),
            "users[0].user.exec.env[0].name: must be a variable's name");
  EXPECT_EQ(user_refusal("exec: x"), "users[0].user.exec: must be a mapping");
}

}  // namespace
}  // namespace atelier::kube
