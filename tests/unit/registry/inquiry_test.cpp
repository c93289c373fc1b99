#include "registry/inquiry.h"

#include <gtest/gtest.h>

#include "atelier/base/digest.h"

namespace atelier::registry {
namespace {

using std::chrono::seconds;

const std::string kDigest = "sha256:" + std::string(64, 'a');
constexpr const char* kIndex = "application/vnd.oci.image.index.v1+json";

class Inquiries : public ::testing::Test {
 protected:
  void start(const std::string& repository = "registry.local/team/app") {
    inquiry_ = std::make_unique<Inquiry>(parse_reference(repository).value(), question_, settings_, authorizations_);
    take(inquiry_->begin(now_));
  }
  void reply(int status, http::Headers headers = {}, std::string body = "") {
    http::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.body = std::move(body);
    take(inquiry_->answered(response, now_));
  }
  void fail(Errc code, const std::string& words) { take(inquiry_->answered(Error{code, words}, now_)); }
  void challenge(const std::string& header) { reply(401, {{"www-authenticate", header}}); }
  void found() { reply(200, {{"docker-content-digest", kDigest}}); }

  // "HEAD https://registry.local/v2/... [Bearer x]", or what it came to.
  std::string now() const {
    if (const auto* const answer = std::get_if<Answer>(&*step_)) {
      if (*answer) return answer->value().tag + "@" + answer->value().digest;
      return std::string(to_string(answer->error().code)) + ": " + answer->error().message;
    }
    const auto& outgoing = std::get<Inquiry::Outgoing>(*step_);
    std::string line{http::to_string(outgoing.request.method)};
    line += " " + outgoing.to.url() + outgoing.request.target;
    for (const auto& [name, value] : outgoing.request.headers) {
      if (name == "Authorization") line += " [" + value + "]";
    }
    return line;
  }
  const Error& error() const { return std::get<Answer>(*step_).error(); }
  const http::Request& request() const { return std::get<Inquiry::Outgoing>(*step_).request; }

  static Question tagged() {
    Question question;
    question.repository = "registry.local/team/app";
    question.tag = "1.0";
    return question;
  }
  Question last_of_all() {
    Question question = tagged();
    question.tag.clear();
    question.choose = [this](const std::vector<std::string>& tags) {
      offered_ = tags;
      return tags.empty() ? std::nullopt : std::optional(tags.back());
    };
    return question;
  }

  Question question_ = tagged();
  Settings settings_;
  Authorizations authorizations_;
  SteadyTime now_{std::chrono::hours{3}};
  std::vector<std::string> offered_;

 private:
  void take(Inquiry::Step step) { step_.emplace(std::move(step)); }

  std::unique_ptr<Inquiry> inquiry_;
  std::optional<Inquiry::Step> step_;
};

TEST_F(Inquiries, AskForTheDigestOfATag) {
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0");
  EXPECT_EQ(request().timeout, seconds{30});
  const std::string& accept = request().headers.at(0).second;
  for (const char* type :
       {kIndex, "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json"}) {
    EXPECT_NE(accept.find(type), std::string::npos) << accept;
  }
  found();
  EXPECT_EQ(now(), "1.0@" + kDigest);
}

TEST_F(Inquiries, ReadAllPagesAndAskForTheChosenTag) {
  question_ = last_of_all();
  start("nginx");
  EXPECT_EQ(now(), "GET https://registry-1.docker.io/v2/library/nginx/tags/list?n=1000");
  reply(200, {{"link", R"(</v2/library/nginx/tags/list?last=b&n=2>; rel="next")"}}, R"({"tags":["a","b"]})");
  EXPECT_EQ(now(), "GET https://registry-1.docker.io/v2/library/nginx/tags/list?last=b&n=2");
  reply(200, {}, R"({"tags":["c"]})");
  EXPECT_EQ(offered_, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(now(), "HEAD https://registry-1.docker.io/v2/library/nginx/manifests/c");
  found();
  EXPECT_EQ(now(), "c@" + kDigest);
}

TEST_F(Inquiries, HashTheManifestWhereNobodyTellsItsDigest) {
  start();
  reply(200);
  EXPECT_EQ(now(), "GET https://registry.local/v2/team/app/manifests/1.0");
  reply(200, {{"content-type", std::string(kIndex) + "; charset=utf-8"}}, "{}");
  EXPECT_EQ(now(), "1.0@sha256:" + sha256_hex("{}"));
}

TEST_F(Inquiries, DoNotTakeAPageOfSomethingElseForAManifest) {
  start();
  reply(200);
  reply(200, {{"content-type", "text/html"}}, "<html>please log in</html>");
  EXPECT_EQ(now(), "invalid: registry.local/team/app: what it answers is no manifest");
}

TEST_F(Inquiries, DoNotBelieveADigestThatIsNone) {
  for (const std::string& digest :
       {std::string("sha512:00"), std::string("sha256:") + std::string(63, 'a'), kDigest + "\x1b", std::string()}) {
    start();
    reply(200, {{"docker-content-digest", digest}});
    EXPECT_EQ(now(), "invalid: registry.local/team/app: its digest is no sha256");
  }
  start();
  reply(200);
  reply(200, {{"content-type", kIndex}, {"docker-content-digest", kDigest}}, "{}");
  EXPECT_EQ(now(), "invalid: registry.local/team/app: its manifest has another digest than it says");
}

TEST_F(Inquiries, AskForNothingThatIsNoTag) {
  question_.tag = "../../x\n";
  start();
  EXPECT_EQ(now(), R"(invalid: "../../x\x0a" is no tag that an image can have)");
}

TEST_F(Inquiries, GetATokenAndKeepIt) {
  start();
  challenge(R"(Bearer realm="https://registry.local/token",service="the registry",scope="repository:other:push")");
  EXPECT_EQ(now(), "GET https://registry.local/token?service=the%20registry&scope=repository%3Ateam%2Fapp%3Apull")
      << "the scope is ours, and nobody's credentials are sent";
  reply(200, {}, R"({"token":"t1","expires_in":300})");
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Bearer t1]");
  found();
  now_ += seconds{289};
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Bearer t1]");
  now_ += seconds{1};
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0");
}

TEST_F(Inquiries, GetATokenWithCredentials) {
  question_.credentials = Credentials{"ann", "secret"};
  start();
  challenge(R"(Bearer realm="https://registry.local/token?a=b")");
  EXPECT_EQ(now(),
            "GET https://registry.local/token?a=b&scope=repository%3Ateam%2Fapp%3Apull [Basic YW5uOnNlY3JldA==]");
  reply(200, {}, R"({"access_token":"t1"})");
  found();
  EXPECT_EQ(now(), "1.0@" + kDigest);
}

TEST_F(Inquiries, UseATokenThatIsTooShortLivedToBeKept) {
  start();
  challenge(R"(Bearer realm="https://registry.local/token")");
  reply(200, {}, R"({"token":"t1","expires_in":0})");
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Bearer t1]");
}

TEST_F(Inquiries, GetANewTokenWhenTheOldOneIsRefusedButOnlyOnce) {
  authorizations_.put({{true, "registry.local", 443}, "team/app", {}}, "Bearer old", seconds{300}, now_);
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Bearer old]");
  challenge(R"(Bearer realm="https://registry.local/token",error="invalid_token")");
  reply(200, {}, R"({"token":"new"})");
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Bearer new]");
  challenge(R"(Bearer realm="https://registry.local/token",error="insufficient_scope")");
  EXPECT_EQ(now(), "unauthorized: registry.local does not let in who brings no credentials");
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0") << "what was refused is not tried again";
}

TEST_F(Inquiries, RenewATokenThatEndsBetweenTwoPages) {
  question_ = last_of_all();
  start();
  for (int page = 0; page < 3; ++page) {
    challenge(R"(Bearer realm="https://registry.local/token")");
    reply(200, {}, R"({"token":"t)" + std::to_string(page) + "\"}");
    reply(200, {{"link", "<?last=" + std::to_string(page) + ">; rel=next"}}, R"({"tags":["a"]})");
  }
  EXPECT_EQ(now(), "GET https://registry.local/v2/team/app/tags/list?last=2 [Bearer t2]");
}

TEST_F(Inquiries, ProveThemselvesByPasswordWhereThatIsAskedFor) {
  question_.credentials = Credentials{"ann", "secret"};
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0") << "not before it is asked for";
  challenge(R"(Basic realm="x")");
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Basic YW5uOnNlY3JldA==]");
  found();
  start();
  EXPECT_EQ(now(), "HEAD https://registry.local/v2/team/app/manifests/1.0 [Basic YW5uOnNlY3JldA==]");
  challenge(R"(Basic realm="x")");
  challenge(R"(Basic realm="x")");
  EXPECT_EQ(now(), "unauthorized: registry.local does not let in these credentials");
}

TEST_F(Inquiries, PreferATokenToAPassword) {
  question_.credentials = Credentials{"ann", "secret"};
  start();
  challenge(R"(Basic realm="x", Bearer realm="https://registry.local/token")");
  EXPECT_TRUE(now().starts_with("GET https://registry.local/token?")) << now();
}

TEST_F(Inquiries, HaveNoPasswordWithoutCredentials) {
  for (const char* header : {R"(Basic realm="x")", "Negotiate", ""}) {
    start();
    challenge(header);
    EXPECT_EQ(now(), "unauthorized: registry.local does not let in who brings no credentials") << header;
  }
}

TEST_F(Inquiries, SendCredentialsToNoForeignRealm) {
  question_.credentials = Credentials{"ann", "secret"};
  start();
  challenge(R"(Bearer realm="https://evil.test/token")");
  EXPECT_EQ(now(),
            "invalid: registry.local: it sends for tokens to evil.test, which only the operator's --registry-realm can "
            "allow");
  start();
  challenge(R"(Bearer realm="http://registry.local/token")");
  EXPECT_EQ(now(), "invalid: registry.local: it sends for tokens to registry.local without TLS");
  start();
  challenge(R"(Bearer realm="https://registry.local/token)");
  EXPECT_EQ(now(), "invalid: registry.local: its WWW-Authenticate cannot be read");
}

TEST_F(Inquiries, TellWhatATokenServerSays) {
  const auto told = [this](int status, const std::string& body) {
    start();
    challenge(R"(Bearer realm="https://registry.local:5001/token")");
    reply(status, {{"location", "https://169.254.169.254/"}}, body);
    return now();
  };
  EXPECT_EQ(told(401, ""), "unauthorized: registry.local:5001 gives no token without credentials");
  EXPECT_EQ(told(404, ""), "invalid: registry.local:5001 answers 404");
  EXPECT_EQ(told(500, ""), "server: registry.local:5001 answers 500");
  EXPECT_EQ(told(302, ""), "invalid: registry.local:5001 sends to 169.254.169.254, and no redirect is followed");
  EXPECT_EQ(told(200, "{}"), "invalid: registry.local:5001: its token cannot be read");
  EXPECT_EQ(told(200, R"({"token":"a\r\nX-Y: z"})"), "invalid: registry.local:5001: its token cannot be read");
}

TEST_F(Inquiries, FollowNoRedirect) {
  const auto told = [this](http::Headers headers) {
    start();
    reply(307, std::move(headers));
    return now();
  };
  EXPECT_EQ(told({{"location", "http://169.254.169.254/latest/meta-data/"}}),
            "invalid: registry.local sends to 169.254.169.254, and no redirect is followed");
  for (const http::Headers& none : {http::Headers{}, http::Headers{{"location", "/elsewhere\x1b[2J"}}}) {
    EXPECT_EQ(told(none), "invalid: registry.local sends to another address, and no redirect is followed");
  }
}

TEST_F(Inquiries, SayWhatIsNotThere) {
  start();
  reply(404);
  EXPECT_EQ(now(), "not found: there is no tag 1.0 of registry.local/team/app");
  question_ = last_of_all();
  start();
  reply(404);
  EXPECT_EQ(now(), "not found: there is no registry.local/team/app");
  start();
  reply(200, {}, R"({"tags":[]})");
  EXPECT_EQ(now(), "not found: registry.local/team/app has no tags");
  question_.choose = [](const std::vector<std::string>&) { return std::nullopt; };
  start();
  reply(200, {}, R"({"tags":["a"]})");
  EXPECT_EQ(now(), "not found: registry.local/team/app has no tag that is followed");
}

TEST_F(Inquiries, SayWhyThereIsNoAnswer) {
  const auto told = [this](int status, http::Headers headers = {}) {
    start();
    reply(status, std::move(headers));
    return now();
  };
  EXPECT_EQ(told(403), "forbidden: registry.local does not allow to read registry.local/team/app");
  EXPECT_EQ(told(429, {{"retry-after", "20"}}), "throttled: registry.local is asked too often");
  EXPECT_EQ(error().retry_after, seconds{20});
  EXPECT_EQ(told(429), "throttled: registry.local is asked too often");
  EXPECT_EQ(error().retry_after, seconds{0});
  EXPECT_EQ(told(503, {{"retry-after", "86400"}}), "throttled: registry.local is asked too often");
  EXPECT_EQ(error().retry_after, std::chrono::hours{1});
  EXPECT_EQ(told(503), "server: registry.local answers 503");
  EXPECT_EQ(told(204), "invalid: registry.local answers 204");
  EXPECT_EQ(told(400), "invalid: registry.local answers 400");
}

TEST_F(Inquiries, SayHowTheNetworkFailed) {
  start();
  fail(Errc::transport, "HEAD /v2/x: Timeout was reached: timed out after 30001 milliseconds with 5 bytes received");
  EXPECT_EQ(now(), "transport: registry.local: HEAD /v2/x: Timeout was reached: timed out");
  start();
  fail(Errc::server, "HEAD /v2/x: the answer is longer than 9 bytes");
  EXPECT_EQ(now(), "invalid: registry.local: HEAD /v2/x: the answer is longer than 9 bytes");
  start();
  fail(Errc::forbidden, "HEAD /v2/x: 169.254.169.254 is link-local, where no registry is asked");
  EXPECT_EQ(now(), "invalid: registry.local: HEAD /v2/x: 169.254.169.254 is link-local, where no registry is asked");
}

TEST_F(Inquiries, EndAtOneTimeForAllTheirRequests) {
  question_ = last_of_all();
  start();
  const http::Headers more{{"link", "<?last=a>; rel=next"}};
  for (int page = 0; page < 2; ++page) {
    EXPECT_EQ(request().timeout, seconds{30});
    now_ += seconds{25};
    reply(200, more, R"({"tags":["a"]})");
  }
  EXPECT_EQ(request().timeout, seconds{10}) << "what is left";
  now_ += seconds{10};
  challenge(R"(Bearer realm="https://registry.local/token")");
  EXPECT_EQ(now(), "transport: registry.local/team/app: all its answers together took more than 60 s");
  start();
  EXPECT_EQ(request().timeout, seconds{30}) << "another poll, another time";
}

TEST_F(Inquiries, TakeTheLastAnswerThatIsInTime) {
  question_ = last_of_all();
  start();
  now_ += seconds{30};
  reply(200, {}, R"({"tags":["a"]})");
  now_ += seconds{30};
  found();
  EXPECT_EQ(now(), "a@" + kDigest);
}

TEST_F(Inquiries, ReadNoMoreThanTheirBoundOverAllPages) {
  question_ = last_of_all();
  start();
  const std::string page = R"({"tags":["a"],"x":")" + std::string((std::size_t{1} << 20) - 21, 'x') + "\"}";
  ASSERT_EQ(page.size(), std::size_t{1} << 20);
  for (int i = 0; i < 9; ++i) {
    ASSERT_TRUE(now().starts_with("GET ")) << i << " " << now();
    reply(200, {{"link", "<?last=a>; rel=next"}}, page);
  }
  EXPECT_EQ(now(), "invalid: registry.local/team/app: its list of tags is longer than 8388608 bytes");
}

TEST_F(Inquiries, KeepNoMoreThanTheirBoundOfTags) {
  question_ = last_of_all();
  start();
  std::string many = R"({"tags":["a")";
  for (int i = 0; i < 4'096; ++i) many += ",\"" + std::string(128, 'a') + "\"";
  reply(200, {}, many + "]}");
  EXPECT_EQ(now(), "invalid: registry.local/team/app: its tags have more than 524288 bytes");
}

TEST_F(Inquiries, EndHoweverManyPagesThereAre) {
  question_ = last_of_all();
  start();
  int pages = 0;
  while (now().starts_with("GET")) {
    ASSERT_LT(++pages, 1'000);
    reply(200, {{"link", "<?last=a>; rel=next"}}, R"({"tags":["a"]})");
  }
  EXPECT_EQ(now(), "invalid: registry.local/team/app: its list of tags has more than 100 pages");
  std::string many = R"({"tags":["a")";
  for (int i = 0; i < 10'000; ++i) many += ",\"a\"";
  start();
  reply(200, {}, many + "]}");
  EXPECT_EQ(now(), "invalid: registry.local/team/app: it has more than 10000 tags");
}

}  // namespace
}  // namespace atelier::registry
