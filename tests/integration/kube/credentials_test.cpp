#include <sys/stat.h>

#include <fstream>

#include "integration/kube/real_cluster.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

class Identities : public testing::RealCluster {
 protected:
  // Who the API server takes us for.
  json user(http::Port& port) {
    const Resource reviews{"authentication.k8s.io", "v1", "selfsubjectreviews", false};
    const auto review =
        ask(create(reviews, "", {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}), port);
    return review ? review.value()["status"]["userInfo"] : json{{"username", review.error().message}};
  }
  std::string user_name(http::Port& port) { return user(port).value("username", ""); }
  // The same endpoint with what its files say now, and with nothing that changes.
  http::Endpoint fixed() {
    http::Endpoint endpoint = config_.endpoint;
    if (!endpoint.credentials) return endpoint;
    http::Credentials::Snapshot now;
    endpoint.credentials->get([&](const auto& snapshot) { now = snapshot.value(); });
    endpoint.credentials.reset();
    endpoint.ca_pem = now->ca_pem;
    endpoint.client_cert_pem = now->client_cert_pem;
    endpoint.client_key_pem = now->client_key_pem;
    endpoint.bearer_token = now->bearer_token;
    return endpoint;
  }
  http::Endpoint stranger() {
    http::Endpoint endpoint = fixed();
    endpoint.client_cert_pem.clear();
    endpoint.client_key_pem.clear();
    endpoint.bearer_token.clear();
    return endpoint;
  }
  // A kubeconfig for this cluster with these lines for its user, in flow style.
  std::string kubeconfig(const std::string& user_lines) {
    const http::Endpoint endpoint = fixed();
    temp_.write("ca", endpoint.ca_pem);
    temp_.write("cert", endpoint.client_cert_pem);
    temp_.write("key", endpoint.client_key_pem);
    temp_.write("config",
                "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\nclusters: [{name: k, "
                "cluster: {server: '" +
                    endpoint.base_url +
                    "', certificate-authority: ca}}]\nusers: [{name: u, "
                    "user: {" +
                    user_lines + "}}]\n");
    return temp_.file("config");
  }

  testing::TempFolder temp_;
};

TEST_F(Identities, ComeFromAClientCertificate) {
  ASSERT_FALSE(fixed().client_cert_pem.empty()) << "this KUBECONFIG has no client certificate";
  ASSERT_TRUE(fixed().bearer_token.empty());
  EXPECT_TRUE(config_.endpoint.base_url.starts_with("https://"));
  const std::string name = user_name(*port_);
  EXPECT_FALSE(name.empty());
  EXPECT_NE(name, "system:anonymous");
}

TEST_F(Identities, ComeFromAServiceAccountsToken) {
  const std::string token = token_of("tester");
  temp_.write("token", token + "\n");
  const auto tester = load_kubeconfig(kubeconfig("tokenFile: token"), {}, loop_, processes_);
  ASSERT_TRUE(tester) << tester.error().message;
  http::CurlPort port{loop_, tester.value().endpoint, "atelier-test"};
  EXPECT_EQ(user_name(port), "system:serviceaccount:" + ns_ + ":tester");
  const auto refused = ask(get(kConfigMaps, key("a")), port);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::forbidden);
}

TEST_F(Identities, ComeFromAPluginThatRunsAgainWhenItsTokenIsRefused) {
  const json credential = {{"apiVersion", "client.authentication.k8s.io/v1"}, {"kind", "ExecCredential"}};
  json first = credential;
  first["status"]["token"] = "no-such-token";
  json second = credential;
  second["status"]["token"] = token_of("plugged");
  temp_.write("1", first.dump());
  temp_.write("2", second.dump());
  temp_.write("login", "#!/bin/sh\ncd " + temp_.path() + "\necho \"$KUBERNETES_EXEC_INFO\" >> runs\n" +
                           "cat \"$(wc -l < runs | tr -d ' ')\"\n");
  ::chmod(temp_.file("login").c_str(), 0700);
  const auto config =
      load_kubeconfig(kubeconfig("exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, "
                                 "interactiveMode: Never, provideClusterInfo: true}"),
                      {}, loop_, processes_);
  ASSERT_TRUE(config) << config.error().message;
  http::CurlPort port{loop_, config.value().endpoint, "atelier-test"};
  EXPECT_EQ(ask(get(kConfigMaps, key("a")), port).error().code, Errc::unauthorized);
  std::vector<std::unique_ptr<http::Call>> calls;
  int forbidden = 0;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(port.send(get(kConfigMaps, key("a")), [&](const Result<http::Response>& answer) {
      forbidden += answer && answer.value().status == 403;
    }));
  }
  EXPECT_TRUE(await([&] { return forbidden == 20; }));
  EXPECT_EQ(user_name(port), "system:serviceaccount:" + ns_ + ":plugged");
  std::ifstream runs{temp_.file("runs")};
  std::string line;
  int count = 0;
  while (std::getline(runs, line)) {
    ++count;
    EXPECT_EQ(json::parse(line)["spec"]["cluster"]["server"], config.value().endpoint.base_url);
  }
  EXPECT_EQ(count, 2);
}

TEST_F(Identities, AreSomebodyElsesWhenImpersonating) {
  const auto config = load_kubeconfig(kubeconfig("client-certificate: cert, client-key: key, as: jane, as-uid: '7', "
                                                 "as-groups: [devs, 'system:authenticated'], "
                                                 "as-user-extra: {acme.com/project: [x, y]}"),
                                      {}, loop_, processes_);
  ASSERT_TRUE(config) << config.error().message;
  http::CurlPort port{loop_, config.value().endpoint, "atelier-test"};
  const json jane = user(port);
  EXPECT_EQ(jane["username"], "jane");
  EXPECT_EQ(jane["uid"], "7");
  EXPECT_EQ(jane["groups"], json({"devs", "system:authenticated"}));
  EXPECT_EQ(jane["extra"]["acme.com/project"], json({"x", "y"}));
}

TEST_F(Identities, ChangeWithTheFilesOfACertificate) {
  const std::string file = kubeconfig("client-certificate: cert, client-key: key");
  const auto config = load_kubeconfig(file, {}, loop_, processes_);
  ASSERT_TRUE(config) << config.error().message;
  http::CurlPort port{loop_, config.value().endpoint, "atelier-test"};
  const std::string name = user_name(port);
  EXPECT_NE(name, "system:anonymous");
  http::Credentials::Snapshot now;
  config.value().endpoint.credentials->get([&](const auto& snapshot) { now = snapshot.value(); });
  temp_.write("cert", now->client_cert_pem + "\n");  // another text, the same name
  config.value().endpoint.credentials->refused(now);
  EXPECT_EQ(user_name(port), name);
  http::Credentials::Snapshot next;
  config.value().endpoint.credentials->get([&](const auto& snapshot) { next = snapshot.value(); });
  EXPECT_NE(next, now);
}

TEST_F(Identities, OfStrangersAreRefused) {
  http::CurlPort anonymous{loop_, stranger(), "atelier-test"};
  const auto answer = ask(list(kSecrets, ns_), anonymous);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().code == Errc::forbidden || answer.error().code == Errc::unauthorized);
  http::Endpoint endpoint = stranger();
  endpoint.bearer_token = "no-such-token";
  http::CurlPort liar{loop_, endpoint, "atelier-test"};
  EXPECT_EQ(ask(list(kSecrets, ns_), liar).error().code, Errc::unauthorized);
}

TEST_F(Identities, OfServersAreCheckedAgainstTheirAuthority) {
  const auto try_as = [this](const http::Endpoint& endpoint) {
    http::CurlPort port{loop_, endpoint, "atelier-test"};
    return ask(get(kNamespaces, {"", ns_}), port);
  };
  http::Endpoint endpoint = fixed();
  endpoint.ca_pem.clear();
  const auto answer = try_as(endpoint);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::transport);
  EXPECT_NE(answer.error().message.find("certificate"), std::string::npos) << answer.error().message;
  endpoint = fixed();
  endpoint.server_name = "somebody-else.example";
  EXPECT_EQ(try_as(endpoint).error().code, Errc::transport);
  endpoint.server_name = "kubernetes.default.svc";  // every API server's certificate has it
  EXPECT_TRUE(try_as(endpoint));
}

TEST_F(Identities, GetLongListsCompressed) {
  ASSERT_TRUE(make_config_map("large", {{"x", std::string(300'000, 'x')}}));  // API servers compress above 128 KiB
  const auto large = [this](const http::Endpoint& endpoint, std::size_t longest) {
    http::CurlPort port{loop_, endpoint, "atelier-test", {32, longest}};
    std::optional<Result<http::Response>> answer;
    const auto call = port.send(list(kConfigMaps, ns_), [&](Result<http::Response> r) { answer = std::move(r); });
    EXPECT_TRUE(await([&] { return answer.has_value(); }));
    return *answer;
  };
  http::Endpoint endpoint = fixed();
  const auto compressed = large(endpoint, 1'000'000);
  ASSERT_TRUE(compressed) << compressed.error().message;
  const std::string* encoding = http::find_header(compressed.value().headers, "content-encoding");
  ASSERT_NE(encoding, nullptr);
  EXPECT_EQ(*encoding, "gzip");
  const auto items = answer_of(compressed);
  ASSERT_TRUE(items) << items.error().message;
  EXPECT_FALSE(items.value()["items"].empty());
  EXPECT_EQ(large(endpoint, 100'000).error().code, Errc::server);
  endpoint.compression = false;
  const auto plain = large(endpoint, 1'000'000);
  ASSERT_TRUE(plain);
  EXPECT_EQ(http::find_header(plain.value().headers, "content-encoding"), nullptr);
  EXPECT_EQ(plain.value().body.size(), compressed.value().body.size());
}

}  // namespace
}  // namespace atelier::kube
