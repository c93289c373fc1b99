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
    stranger_ = config_.endpoint;
    stranger_.ca_pem = testing::current(config_.endpoint).ca_pem;
    stranger_.credentials.reset();
    stranger_.client_cert_pem.clear();
    stranger_.client_key_pem.clear();
    stranger_.bearer_token.clear();
    faulty_.reset();
    proxy_ = std::make_unique<testing::FaultProxy>(loop_, stranger_);
    token_ = token_of("follower");
    ASSERT_TRUE(ask(create(roles("roles"), ns_, role())));
    ASSERT_TRUE(ask(create(roles("rolebindings"), ns_, binding())));
    const SteadyTime end = loop_.now() + std::chrono::seconds{20};
    while (!is_taken(token_)) ASSERT_LT(loop_.now(), end) << "the server does not take up the role";
  }

  // Followers have credentials of a plugin that gives one of these tokens after the other.
  void plug_in(const std::vector<std::string>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) give(i + 1, tokens[i]);
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
  // What the plugin gives when it is asked for the nth time.
  void give(std::size_t nth, const std::string& token) {
    const json credential = {
        {"apiVersion", "client.authentication.k8s.io/v1"}, {"kind", "ExecCredential"}, {"status", {{"token", token}}}};
    temp_.write(std::to_string(nth), credential.dump());
  }
  // Of the server itself.
  [[nodiscard]] bool is_taken(const std::string& token) {
    http::Endpoint known = stranger_;
    known.bearer_token = token;
    http::CurlPort port{loop_, known, "atelier-test"};
    return bool{ask(list_config_maps(), port)};
  }
  std::size_t refused() const {
    return static_cast<std::size_t>(std::ranges::count(proxy_->log(), 401, &testing::LogEntry::status));
  }
  // How often the plugin was asked.
  std::size_t runs() const {
    std::ifstream file{temp_.file("runs")};
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>{file}, {}, '\n'));
  }

  static inline const Resource kServiceAccounts{"", "v1", "serviceaccounts", true};

  http::Endpoint stranger_;  // who brings no credentials
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
  EXPECT_EQ(refused(), kFollowers) << log();
}

TEST_F(RefusedCredentials, AreAskedForAgainOnceByAllWhoseWatchesWereRefusedAndNothingIsListedAnew) {
  plug_in({token_});
  for (std::size_t i = 0; i < kFollowers; ++i) start_follower();
  ASSERT_TRUE(await([&] { return proxy_->watches() == kFollowers; })) << log();
  // The token of an account that is gone is not taken, whatever account has the name by then.
  const std::string former = token_;
  ASSERT_TRUE(ask(delete_(kServiceAccounts, key("follower"))));
  token_ = token_of("follower");
  give(2, token_);
  const SteadyTime end = loop_.now() + std::chrono::seconds{40};
  while (is_taken(former) || !is_taken(token_)) ASSERT_LT(loop_.now(), end) << "the server keeps to the former one";
  proxy_->cut_watches(testing::Ending::reset);
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces() << log();
  EXPECT_EQ(runs(), 2U);
  EXPECT_EQ(lists(), kFollowers) << log();
  EXPECT_GE(refused(), 1U) << log();
  EXPECT_LE(refused(), kFollowers) << log();
}

}  // namespace
}  // namespace atelier::kube
