// Credentials that a server refuses, on their way through a proxy that has none itself.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "integration/kube/fault_fixture.h"
#include "support/fault_proxy_tls.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

class RefusedCredentials : public testing::FaultyWatches {
 protected:
  static constexpr std::size_t kFollowers = 5;

  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("first"));
    http::Endpoint stranger = config_.endpoint;
    stranger.ca_pem = testing::current(config_.endpoint).ca_pem;
    stranger.credentials.reset();
    stranger.client_cert_pem.clear();
    stranger.client_key_pem.clear();
    stranger.bearer_token.clear();
    faulty_.reset();
    proxy_ = std::make_unique<testing::FaultProxy>(loop_, stranger);
    token_ = token_of("follower");
    ASSERT_TRUE(ask(create(roles("roles"), ns_, role())));
    ASSERT_TRUE(ask(create(roles("rolebindings"), ns_, binding())));
    http::Endpoint known = stranger;
    known.bearer_token = token_;
    http::CurlPort port{loop_, known, "atelier-test"};
    const SteadyTime end = loop_.now() + std::chrono::seconds{20};
    while (!ask(list_config_maps(), port)) ASSERT_LT(loop_.now(), end) << "the server does not take up the role";
  }

  // Followers have credentials of a plugin that gives one of these tokens after the other.
  void plug_in(const std::vector<std::string>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const json credential = {{"apiVersion", "client.authentication.k8s.io/v1"},
                               {"kind", "ExecCredential"},
                               {"status", {{"token", tokens[i]}}}};
      temp_.write(std::to_string(i + 1), credential.dump());
    }
    temp_.write("login", "#!/bin/sh\ncd " + temp_.path() + "\necho >> runs\ncat \"$(wc -l < runs | tr -d ' ')\"\n");
    ::chmod(temp_.file("login").c_str(), 0700);
    temp_.write("ca", proxy_->ca_pem());
    temp_.write("config",
                "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
                "clusters: [{name: k, cluster: {server: '" +
                    proxy_->endpoint().base_url +
                    "', certificate-authority: ca}}]\n"
                    "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
                    "command: ./login, interactiveMode: Never}}}]\n");
    const auto config = load_kubeconfig(temp_.file("config"), {}, loop_, processes_);
    ASSERT_TRUE(config) << config.error().message;
    faulty_ = std::make_unique<http::CurlPort>(loop_, config.value().endpoint, "atelier-test");
  }
  // How often the plugin was asked.
  std::size_t runs() const {
    std::ifstream file{temp_.file("runs")};
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>{file}, {}, '\n'));
  }

  std::string token_;

 private:
  static Resource roles(const std::string& plural) { return {"rbac.authorization.k8s.io", "v1", plural, true}; }
  static json role() {
    return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
            {"kind", "Role"},
            {"metadata", {{"name", "follower"}}},
            {"rules", {{{"apiGroups", {""}}, {"resources", {"configmaps"}}, {"verbs", {"list", "watch"}}}}}};
  }
  json binding() const {
    return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
            {"kind", "RoleBinding"},
            {"metadata", {{"name", "follower"}}},
            {"roleRef", {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", "follower"}}},
            {"subjects", {{{"kind", "ServiceAccount"}, {"name", "follower"}, {"namespace", ns_}}}}};
  }

  testing::TempFolder temp_;
};

TEST_F(RefusedCredentials, AreAskedForAgainOnceByAllWhoseListsWereRefused) {
  plug_in({"no-such-token", token_});
  for (std::size_t i = 0; i < kFollowers; ++i) start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  EXPECT_EQ(runs(), 2U);
  EXPECT_EQ(lists(), 2 * kFollowers) << log();
  const auto refused = std::ranges::count(proxy_->log(), 401, &testing::LogEntry::status);
  EXPECT_EQ(static_cast<std::size_t>(refused), kFollowers) << log();
}

}  // namespace
}  // namespace atelier::kube
