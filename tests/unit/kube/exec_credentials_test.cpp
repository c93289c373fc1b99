#include "kube/exec_credentials.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/fake_loop.h"
#include "unit/http/certificates.h"
#include "unit/kube/fake_processes.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kV1 = "client.authentication.k8s.io/v1";

class ExecPluginCredentials : public ::testing::Test {
 protected:
  void make(CredentialFiles files = {}, http::Credential fixed = {}) {
    auto base = std::make_shared<FileCredentials>(std::move(files), std::move(fixed), loop_);
    ASSERT_TRUE(base->open());
    ExecCredentials::Settings settings;
    settings.plugin.where = "kubeconfig k: users[0].user.exec";
    settings.plugin.argv = {"login", "--now"};
    settings.plugin.env = {{"A", "b"}};
    settings.plugin.api_version = kV1;
    settings.plugin.install_hint = "Install login.";
    settings.timeout = seconds{7};
    credentials_ = std::make_shared<ExecCredentials>(settings, base, loop_, processes_);
  }
  void SetUp() override { make(); }

  // Its token, "?" while it waits, or the error; appears in `answers_`.
  std::size_t ask() {
    const std::size_t at = answers_.size();
    answers_.emplace_back("?");
    credentials_->get([this, at](Result<http::Credentials::Snapshot> snapshot) {
      EXPECT_EQ(answers_[at], "?") << "once";
      answers_[at] = snapshot ? snapshot.value()->bearer_token : snapshot.error().message;
      if (!snapshot) {
        EXPECT_EQ(snapshot.error().code, Errc::unauthorized);
      }
      last_ = snapshot ? snapshot.value() : nullptr;
    });
    return at;
  }
  void give(const std::string& token, const std::string& expires = {}) {
    json status = {{"token", token}};
    if (!expires.empty()) status["expirationTimestamp"] = expires;
    processes_.write(json{{"apiVersion", kV1}, {"kind", "ExecCredential"}, {"status", status}}.dump());
  }
  std::size_t runs() const { return processes_.runs.size(); }

  testing::FakeLoop loop_;
  testing::FakeProcesses processes_;
  std::shared_ptr<ExecCredentials> credentials_;
  std::vector<std::string> answers_;
  http::Credentials::Snapshot last_;
};

TEST_F(ExecPluginCredentials, ComeFromOneRunForAllWhoWait) {
  EXPECT_EQ(runs(), 0U) << "not before they are needed";
  ask();
  ask();
  ASSERT_EQ(runs(), 1U);
  EXPECT_EQ(processes_.runs[0]->command.argv, (std::vector<std::string>{"login", "--now"}));
  EXPECT_EQ(processes_.runs[0]->variable("A"), "b");
  EXPECT_EQ(json::parse(processes_.runs[0]->variable("KUBERNETES_EXEC_INFO"))["spec"]["interactive"], false);
  EXPECT_EQ(processes_.runs[0]->command.timeout, seconds{7});
  EXPECT_EQ(answers_, (std::vector<std::string>{"?", "?"}));
  give("one");
  ask();
  EXPECT_EQ(answers_, (std::vector<std::string>{"one", "one", "one"}));
  loop_.advance(hours{100});
  ask();
  EXPECT_EQ(answers_.back(), "one") << "without an expiry it is good for ever";
  EXPECT_EQ(runs(), 1U);
}

TEST_F(ExecPluginCredentials, AreFetchedAgainWhenTheyHaveExpired) {
  ask();
  give("one", "2026-01-01T00:10:00Z");  // the loop's time begins at 00:00
  loop_.advance(minutes{10} - Millis{1});
  EXPECT_EQ(answers_[ask()], "one");
  loop_.advance(Millis{1});
  const std::size_t waits = ask();
  EXPECT_EQ(answers_[waits], "?");
  ASSERT_EQ(runs(), 2U);
  give("two");
  EXPECT_EQ(answers_[waits], "two");
}

TEST_F(ExecPluginCredentials, AreFetchedAgainWhenTheServerRefusedThem) {
  ask();
  give("one");
  const auto first = last_;
  credentials_->refused(first);
  const std::size_t waits = ask();
  ASSERT_EQ(runs(), 2U);
  give("two");
  EXPECT_EQ(answers_[waits], "two");
  credentials_->refused(first);
  loop_.advance(seconds{5});
  EXPECT_EQ(answers_[ask()], "two") << "a late refusal of the old one says nothing of the new one";
  EXPECT_EQ(runs(), 2U);
}

TEST_F(ExecPluginCredentials, ThatAreRefusedAgainAndAgainDoNotRunThePluginForEachRequest) {
  ask();
  give("bad");
  credentials_->refused(last_);
  ask();
  give("bad");  // the second run was at once
  credentials_->refused(last_);
  EXPECT_EQ(answers_[ask()], "bad") << "the server tells why";
  credentials_->refused(last_);
  loop_.advance(Millis{999});
  EXPECT_EQ(answers_[ask()], "bad");
  EXPECT_EQ(runs(), 2U);
  loop_.advance(Millis{1});
  ask();
  EXPECT_EQ(runs(), 3U);
  give("bad");
  credentials_->refused(last_);
  loop_.advance(Millis{1999});
  EXPECT_EQ(answers_[ask()], "bad");
  loop_.advance(Millis{1});
  ask();
  give("good");
  EXPECT_EQ(runs(), 4U);
  loop_.advance(minutes{1});
  credentials_->refused(last_);
  ask();
  EXPECT_EQ(runs(), 5U) << "it had served: its end is nothing unusual";
}

TEST_F(ExecPluginCredentials, ThatExpireWhileThePluginMayNotRunAreAnError) {
  ask();
  give("bad");
  credentials_->refused(last_);
  ask();
  give("bad", "2026-01-01T00:00:00.5Z");
  credentials_->refused(last_);
  EXPECT_EQ(answers_[ask()], "bad");
  loop_.advance(Millis{600});
  EXPECT_EQ(answers_[ask()],
            "kubeconfig k: users[0].user.exec: the server refused what the plugin login gave, and it has expired");
  EXPECT_EQ(runs(), 2U);
  loop_.advance(Millis{400});
  ask();
  EXPECT_EQ(runs(), 3U);
}

TEST_F(ExecPluginCredentials, ThatFailToComeEndEveryRequestAndWaitBeforeTheNextRun) {
  const std::string failed = "kubeconfig k: users[0].user.exec: the plugin login ended with exit code 1: no session";
  ask();
  ask();
  processes_.fail(1, "no session\n");
  EXPECT_EQ(answers_, (std::vector<std::string>{failed, failed}));
  for (const int wait : {1, 2, 4, 8, 16, 30, 30}) {
    loop_.advance(seconds{wait} - Millis{1});
    const std::size_t before = runs();
    EXPECT_EQ(answers_[ask()], failed);
    EXPECT_EQ(runs(), before) << wait;
    loop_.advance(Millis{1});
    ask();
    ASSERT_EQ(runs(), before + 1) << wait;
    processes_.fail(1, "no session\n");
  }
  loop_.advance(seconds{30});
  ask();
  give("one", "2026-01-01T01:00:00Z");
  EXPECT_EQ(answers_.back(), "one");
  loop_.advance(hours{1});
  ask();
  processes_.fail(1, "");
  loop_.advance(seconds{1});
  const std::size_t before = runs();
  ask();
  EXPECT_EQ(runs(), before + 1) << "what worked for long begins with a second again";
}

TEST_F(ExecPluginCredentials, NameTheHintWhenThereIsNoSuchProgram) {
  ask();
  ProcessEnd end;
  end.how = ProcessEnd::How::not_found;
  processes_.end(end);
  EXPECT_EQ(answers_[0],
            "kubeconfig k: users[0].user.exec: the plugin login is not installed: there is no such program. Install "
            "login.");
}

TEST_F(ExecPluginCredentials, NeverShowWhatThePluginWrote) {
  ask();
  processes_.write("secret");
  EXPECT_EQ(answers_[0].find("secret"), std::string::npos) << answers_[0];
  EXPECT_NE(answers_[0].find("did not write an ExecCredential"), std::string::npos) << answers_[0];
}

TEST_F(ExecPluginCredentials, KillThePluginWhenNobodyNeedsThemAnyMore) {
  ask();
  credentials_.reset();
  EXPECT_TRUE(processes_.runs[0]->killed);
  EXPECT_EQ(answers_[0], "?");
}

TEST_F(ExecPluginCredentials, ComeWithTheAuthorityOfAFile) {
  const testing::TempFolder temp;
  const testing::Authority old{"old"};
  const testing::Authority fresh{"fresh"};
  temp.write("ca", old.pem());
  CredentialFiles files;
  files.ca = temp.file("ca");
  make(files);
  ask();
  give("one");
  EXPECT_EQ(last_->ca_pem, old.pem());
  temp.write("ca", fresh.pem());
  loop_.advance(minutes{1});
  ask();
  EXPECT_EQ(last_->ca_pem, fresh.pem());
  EXPECT_EQ(last_->bearer_token, "one");
  EXPECT_EQ(runs(), 1U);
}

TEST_F(ExecPluginCredentials, LeaveTheUsersOwnCertificate) {
  const testing::Authority authority{"a"};
  const auto own = authority.issue("own");
  const auto given = authority.issue("given");
  const json status = {{"clientCertificateData", given.certificate}, {"clientKeyData", given.key}};
  const std::string output = json{{"apiVersion", kV1}, {"kind", "ExecCredential"}, {"status", status}}.dump();
  ask();
  processes_.write(output);
  EXPECT_EQ(last_->client_cert_pem, given.certificate);
  make({}, {"", "", own.certificate, own.key});
  ask();
  processes_.write(output);
  EXPECT_EQ(last_->client_cert_pem, own.certificate);
  EXPECT_EQ(last_->client_key_pem, own.key);
}

}  // namespace
}  // namespace atelier::kube
