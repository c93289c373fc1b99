#include "integration/registry/real_registry.h"

#include <gtest/gtest.h>

#include "atelier/base/digest.h"
#include "integration/registry/poller_fixture.h"
#include "integration/registry/token_server.h"

namespace atelier::registry {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::RealRegistry;

const Credentials kAnn{"ann", "open sesame"};
// bcrypt of "open sesame".
constexpr const char* kPasswords = "ann:$2b$04$a34UuVXzvd0C7dA2PWCbDOKpXxXwTjUcEl6Siqh.Qjm4jb5.tNyce\n";

class RealRegistries : public testing::PollerTest {
 protected:
  void SetUp() override { settings_.authorities_pem = authority_.pem(); }

  RealRegistry& start(json settings) {
    registries_.push_back(std::make_unique<RealRegistry>(loop_, folder_, std::move(settings)));
    RealRegistry& started = *registries_.back();
    EXPECT_TRUE(await([&] { return started.answers() || !started.died.empty(); }));
    EXPECT_EQ(started.died, "");
    allow(started.url);
    return started;
  }
  json tls() const {
    return {{"certificate", folder_.file("tls.crt", pair_.certificate)}, {"key", folder_.file("tls.key", pair_.key)}};
  }
  RealRegistry& with_passwords() {
    const json passwords{{"realm", "a realm"}, {"path", folder_.file("htpasswd", kPasswords)}};
    return start({{"http", {{"tls", tls()}}}, {"auth", {{"htpasswd", passwords}}}});
  }
  RealRegistry& with_tokens() {
    const json tokens{{"realm", tokens_.realm()},
                      {"service", "the registry"},
                      {"issuer", "issuer"},
                      {"rootcertbundle", folder_.file("tokens.pem", authority_.pem())}};
    allow(tokens_.url());
    return start({{"http", {{"tls", tls()}}}, {"auth", {{"token", tokens}}}});
  }
  // An image that differs from others in its annotation, by another registry on the same storage; its digest.
  std::string push(const std::string& tag, const std::string& annotation) {
    if (!open_) open_ = &start({{"http", json::object()}});
    http::Endpoint endpoint;
    endpoint.base_url = open_->url;
    http::CurlPort port{loop_, endpoint, "test"};
    http::Request request = get();
    request.method = http::Method::put;
    request.target = "/v2/team/app/manifests/" + tag;
    request.headers = {{"Content-Type", "application/vnd.oci.image.index.v1+json"}};
    request.body = json{{"schemaVersion", 2},
                        {"mediaType", "application/vnd.oci.image.index.v1+json"},
                        {"manifests", json::array()},
                        {"annotations", {{"is", annotation}}}}
                       .dump();
    std::optional<Result<http::Response>> answer;
    const auto call = port.send(request, [&](Result<http::Response> r) { answer = std::move(r); });
    EXPECT_TRUE(await([&] { return answer.has_value(); }));
    EXPECT_TRUE(answer && *answer && answer->value().status == 201) << (answer && *answer ? answer->value().body : "");
    return "sha256:" + sha256_hex(request.body);
  }
  static Question as_ann(Question question) {
    question.credentials = kAnn;
    return question;
  }
  static Question newest(const std::string& url) {
    Question question = about(url, "");
    question.rule = "the greatest";
    question.choose = [](const std::vector<std::string>& tags) {
      return tags.empty() ? std::nullopt : std::optional(*std::max_element(tags.begin(), tags.end()));
    };
    return question;
  }

  testing::RegistryFolder folder_;
  testing::Authority authority_{"authority"};
  testing::KeyPair pair_ = authority_.issue("registry");
  testing::TokenServer tokens_{loop_, authority_};
  std::vector<std::unique_ptr<RealRegistry>> registries_;
  RealRegistry* open_ = nullptr;
};

TEST_F(RealRegistries, LetInWhoKnowsThePassword) {
  const std::string digest = push("1.0", "one");
  const std::string url = with_passwords().url;
  EXPECT_EQ(ask(as_ann(about(url, "1.0"))), "1.0@" + digest);
  EXPECT_EQ(ask(as_ann(newest(url))), "1.0@" + digest);
  const std::string host = authority(url);
  EXPECT_EQ(ask(about(url, "1.0")), "unauthorized: " + host + " does not let in who brings no credentials");
  Question wrong = about(url, "1.0");
  wrong.credentials = Credentials{"ann", "open barley"};
  EXPECT_EQ(ask(wrong), "unauthorized: " + host + " does not let in these credentials");
  EXPECT_EQ(ask(as_ann(about(url, "2.0"))), "not found: there is no tag 2.0 of " + host + "/team/app");
}

TEST_F(RealRegistries, LetInWhoHasATokenWhichIsAskedForOnce) {
  const std::string digest = push("1.0", "one");
  const std::string url = with_tokens().url;
  EXPECT_EQ(ask(as_ann(about(url, "1.0"))), "1.0@" + digest);
  EXPECT_EQ(tokens_.line, "GET /token?from=here&service=the%20registry&scope=repository%3Ateam%2Fapp%3Apull HTTP/1.1");
  EXPECT_EQ(ask(as_ann(newest(url))), "1.0@" + digest);
  const int polls = polls_;
  EXPECT_TRUE(await([&] { return polls_ >= polls + 2; }));
  EXPECT_EQ(tokens_.given, 1);
  const std::string tokens = authority(tokens_.url());
  EXPECT_EQ(ask(about(url, "1.0")), "unauthorized: " + tokens + " gives no token without credentials");
  Question other = as_ann(about(url, "1.0"));
  other.repository = authority(url) + "/team/secret";
  EXPECT_EQ(ask(other), "unauthorized: " + authority(url) + " does not let in these credentials")
      << "its token is for another repository";
}

TEST_F(RealRegistries, TellOfAPushWithinTheInterval) {
  const std::string first = push("1.0", "one");
  const std::string url = with_passwords().url;
  const ObjectKey asker{"team", "app"};
  poller().ask(asker, as_ann(newest(url)));
  EXPECT_TRUE(await([&] { return changes_ == 1; }));
  EXPECT_EQ(said(asker), "1.0@" + first);
  const std::string second = push("1.1", "two");
  const SteadyTime pushed = loop_.now();
  EXPECT_TRUE(await([&] { return changes_ == 2; }));
  EXPECT_EQ(said(asker), "1.1@" + second);
  EXPECT_LT(loop_.now() - pushed, seconds{3});
  const std::string mutated = push("1.1", "three");
  EXPECT_TRUE(await([&] { return changes_ == 3; }));
  EXPECT_EQ(said(asker), "1.1@" + mutated);
}

TEST_F(RealRegistries, AreNotBelievedWithoutACertificateOfATrustedAuthority) {
  push("1.0", "one");
  const std::string url = with_passwords().url;
  settings_.authorities_pem = testing::Authority{"another"}.pem();
  const std::string told = ask(as_ann(about(url, "1.0")));
  EXPECT_TRUE(told.starts_with("transport: " + authority(url) + ": HEAD /v2/team/app/manifests/1.0: SSL ")) << told;
}

TEST_F(RealRegistries, OnThisNodeAreNotAskedUnlessTheOperatorsOwnerSaysSo) {
  push("1.0", "one");
  const std::string url = with_passwords().url;
  settings_.insecure.clear();
  EXPECT_EQ(ask(as_ann(about(url, "1.0"))), "invalid: " + authority(url) +
                                                ": HEAD /v2/team/app/manifests/1.0: 127.0.0.1 is loopback, where no "
                                                "registry is asked");
}

}  // namespace
}  // namespace atelier::registry
