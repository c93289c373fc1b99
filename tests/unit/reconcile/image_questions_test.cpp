// What registries are asked, and with which Secrets.
#include "reconcile/image_questions.h"

#include <gmock/gmock.h>

#include <optional>

#include "atelier/base/base64.h"
#include "reconcile/registry_credentials.h"
#include "reconcile/workspace_reconciler.h"
#include "support/fake_registry.h"
#include "unit/reconcile/run_world.h"

namespace atelier::reconcile {
namespace {

using atelier::testing::digest;
using atelier::testing::FakePoller;
using atelier::testing::FakeRegistry;
using nlohmann::json;
using ::testing::Contains;
using ::testing::Not;
using testing::second;

const ObjectKey kWorkspace{"team-a", "ws"};
constexpr const char* kRead = "look at secret team-a/registry";

json secret_of(const json& auths, const char* type = "kubernetes.io/dockerconfigjson") {
  return {{"metadata", {{"name", "registry"}, {"namespace", "team-a"}, {"uid", "s"}}},
          {"type", type},
          {"data", {{".dockerconfigjson", base64_encode(json{{"auths", auths}}.dump())}}}};
}

json entry(const std::string& user, const std::string& password) {
  return {{"auth", base64_encode(user + ":" + password)}};
}

std::string read(const json& secret, const std::string& repository) {
  const auto found = credentials_of(secret, repository);
  if (const auto* refusal = std::get_if<Refusal>(&found)) return refusal->reason;
  const auto& credentials = std::get<registry::Credentials>(found);
  return credentials.username + "/" + credentials.password;
}

TEST(RegistryCredentials, AreThoseOfTheRepositorysRegistry) {
  const json secret = secret_of({{"https://registry.local:5000/v2/", entry("a", "1:2")},
                                 {"ghcr.io", {{"username", "b"}, {"password", "2"}}},
                                 {"ghcr.io/team", entry("c", "3")},
                                 {"https://index.docker.io/v1/", entry("d", "4")}});
  EXPECT_EQ(read(secret, "registry.local:5000/team/app"), "a/1:2");
  EXPECT_EQ(read(secret, "ghcr.io/other/app"), "b/2");
  EXPECT_EQ(read(secret, "ghcr.io/team/app"), "c/3");
  EXPECT_EQ(read(secret, "ghcr.io/teamster/app"), "b/2") << "a path ends at a slash";
  EXPECT_EQ(read(secret, "library/app"), "d/4");
  EXPECT_EQ(read(secret, "app"), "d/4");
  EXPECT_EQ(read(secret, "registry.local/team/app"), "CredentialsInvalid") << "of another port";
  EXPECT_EQ(read(secret, "ghcr.io.evil.example/app"), "CredentialsInvalid");
}

TEST(RegistryCredentials, AreOfTheRegistryThatIsAsked) {
  const json secret = secret_of({{"evil", entry("a", "1")}, {"R.Local:5000", entry("b", "2")}});
  EXPECT_EQ(read(secret, "EVIL/app"), "a/1") << "a host, as the registry's client has it";
  EXPECT_EQ(read(secret, "r.local:5000/app"), "b/2");
  EXPECT_EQ(read(secret, "evil/app"), "CredentialsInvalid") << "Docker Hub's";
  EXPECT_EQ(read(secret_of({{"docker.io", entry("d", "4")}}), "index.docker.io/library/app"), "d/4");
  EXPECT_EQ(read(secret, "R.local:5000/No Name"), "CredentialsInvalid");
}

TEST(RegistryCredentials, AreReadFromAuthWhereThereIsNoPassword) {
  json one = entry("a", "1");
  one["username"] = "a";
  EXPECT_EQ(read(secret_of({{"r.local", one}}), "r.local/app"), "a/1");
}

TEST(RegistryCredentials, AreRefusedWithoutQuotingThem) {
  const std::string password = "hunter2";
  const json bad[] = {
      secret_of({{"r.local", entry("", password)}}),
      secret_of({{"r.local", {{"auth", password + "!"}}}}),
      secret_of({{"r.local", {{"auth", base64_encode(password)}}}}),
      secret_of({{"r.local", password}}),
      secret_of({{"other.local", entry("a", password)}}),
      secret_of(password),
      secret_of({{"r.local", entry("a", password)}}, "Opaque"),
      json{{"metadata", {{"name", "registry"}}}, {"type", "kubernetes.io/dockerconfigjson"}},
      json{{"metadata", {{"name", "registry"}}},
           {"type", "kubernetes.io/dockerconfigjson"},
           {"data", {{".dockerconfigjson", base64_encode("{" + password)}}}},
  };
  for (const json& secret : bad) {
    const auto found = credentials_of(secret, "r.local/app");
    const auto* refusal = std::get_if<Refusal>(&found);
    ASSERT_NE(refusal, nullptr) << secret;
    EXPECT_EQ(refusal->reason, "CredentialsInvalid");
    EXPECT_EQ(refusal->message.find(password), std::string::npos) << refusal->message;
    EXPECT_NE(refusal->message.find("\"registry\""), std::string::npos);
  }
}

// An admitted workspace that follows; statuses are written into the cache as the API server would.
struct Team : testing::RunWorld {
  Team() {
    add(world.domains, json::parse(R"({
      "metadata": {"name": "dd01", "namespace": "bd01", "uid": "dd-uid"},
      "spec": {"key": "dd01", "businessDomain": {"name": "bd"}, "workspaceNamespaces": ["team-a"],
               "storage": {"claimName": "storage", "owner": {"uid": 1, "gid": 1}}},
      "status": {"claims": [{"name": "ws", "namespace": "team-a", "uid": "ws-uid"}],
                 "conditions": [{"type": "Ready", "status": "True", "reason": "Admitted", "message": "",
                                 "lastTransitionTime": "2026-01-01T00:00:00Z"}]}})"));
    workspace["metadata"]["generation"] = 1;
    workspace["spec"]["image"] = {{"repository", "r.local/ws"}, {"follow", {{"semver", "^1"}, {"interval", "1m"}}}};
    workspace.erase("status");
    show();
    registry.repositories["r.local/ws"] = {{"1.0.0", digest('1')}};
  }

  void show() { add(world.workspaces, workspace); }

  // The plan at that second; its status write has been done.
  kube::Plan reconcile(int at, kube::Feedback feedback = {}) {
    kube::Plan plan = reconciler->reconcile(kWorkspace, feedback, second(at));
    for (const kube::Write& write : plan.writes) {
      if (write.id != "write status") continue;
      workspace.merge_patch({{"status", json::parse(write.request.body)["status"]}});
      EXPECT_TRUE(json::parse(write.request.body)["metadata"].contains("resourceVersion"));
    }
    show();
    return plan;
  }
  kube::Plan reconcile(int at, Result<json> secret) {
    kube::Feedback feedback;
    feedback.results.emplace(kRead, std::move(secret));
    return reconcile(at, std::move(feedback));
  }

  void restart() { reconciler.emplace(world, "stage:1", &poller); }

  std::string followed() const {
    for (const json& one : workspace["status"]["conditions"]) {
      if (one["type"] == "ImageFollowed") return one["reason"];
    }
    return "";
  }

  FakeRegistry registry;
  std::vector<ObjectKey> changed;
  FakePoller poller{registry, [this](const ObjectKey& key) { changed.push_back(key); }};
  std::optional<WorkspaceReconciler> reconciler{std::in_place, world, "stage:1", &poller};
};

std::vector<std::string> ids(const kube::Plan& plan) {
  std::vector<std::string> out;
  for (const kube::Write& write : plan.writes) out.push_back(write.id);
  return out;
}

using Ids = std::vector<std::string>;

TEST(ImageQuestions, AreAskedOnceAndTheirAnswerIsWrittenBeforeItIsPublished) {
  Team team;
  EXPECT_EQ(ids(team.reconcile(0)), Ids{"write status"});
  EXPECT_EQ(team.poller.asked, 1);
  EXPECT_EQ(team.poller.questions.at(kWorkspace).repository, "r.local/ws");
  EXPECT_EQ(team.poller.questions.at(kWorkspace).interval, Millis{60'000});
  EXPECT_EQ(ids(team.reconcile(1)), Ids{}) << "it waits without a word";
  team.registry.poll();
  EXPECT_EQ(team.changed, std::vector<ObjectKey>{kWorkspace});
  EXPECT_EQ(ids(team.reconcile(2)), Ids{"write status"});
  EXPECT_EQ(team.workspace["status"]["image"]["tag"], "1.0.0");
  EXPECT_EQ(ids(team.reconcile(2)), (Ids{"write status", "look at claim bd01/storage"}));
  EXPECT_EQ(team.poller.asked, 1) << "the same question is not asked anew";
}

TEST(ImageQuestions, AreForgottenWithTheWorkspaceItsAdmissionAndWhileItIsSuspended) {
  for (const int how : {0, 1, 2, 3}) {
    Team team;
    team.reconcile(0);
    ASSERT_EQ(team.poller.questions.size(), 1U);
    if (how == 0) team.add(team.world.workspaces);
    if (how == 1) team.add(team.world.domains);
    if (how == 2) team.workspace["spec"]["image"]["follow"]["suspend"] = true;
    if (how == 3) team.workspace["spec"]["image"] = {{"repository", "r.local/ws"}, {"tag", "1.0.0"}};
    if (how > 1) team.show();
    team.reconciler->reconcile(kWorkspace, {}, second(1));
    EXPECT_EQ(team.poller.questions.size(), 0U) << how;
  }
}

TEST(ImageQuestions, AreOthersWhereTheSpecIs) {
  Team team;
  team.reconcile(0);
  team.workspace["spec"]["image"]["follow"]["interval"] = "2m";
  team.show();
  team.reconcile(1);
  EXPECT_EQ(team.poller.asked, 2);
  team.workspace["spec"]["image"]["follow"] = {{"tag", "main"}};
  team.show();
  team.reconcile(2);
  EXPECT_EQ(team.poller.questions.at(kWorkspace).tag, "main");
  EXPECT_EQ(team.poller.questions.at(kWorkspace).interval, Millis{300'000});
}

// The same team, with a registry that wants a password.
struct Private : Team {
  Private() {
    workspace["spec"]["image"]["follow"]["credentials"] = {{"name", "registry"}};
    show();
    registry.wants = registry::Credentials{"a", "1"};
  }

  json secret() const { return secret_of({{"r.local", entry("a", "1")}}); }
};

TEST(ImageQuestions, AreAskedWithTheSecretThatTheSpecNames) {
  Private team;
  EXPECT_EQ(ids(team.reconcile(0)), (Ids{kRead, "write status"}));
  EXPECT_EQ(team.poller.asked, 0) << "not without it";
  EXPECT_EQ(ids(team.reconcile(0, team.secret())), Ids{});
  EXPECT_EQ(team.poller.questions.at(kWorkspace).credentials, (registry::Credentials{"a", "1"}));
  team.registry.poll();
  team.reconcile(1);
  EXPECT_EQ(team.followed(), "Following");
  for (int at = 100; at < 10'000; at += 1'000) {
    EXPECT_THAT(ids(team.reconcile(at)), Not(Contains(kRead)));
  }
}

TEST(ImageQuestions, WaitForTheGrantAndLookOnceAMinute) {
  Private team;
  team.reconcile(0);
  const kube::Plan told = team.reconcile(0, Error{Errc::forbidden, "secrets \"registry\" is forbidden"});
  EXPECT_EQ(team.followed(), "CredentialsNotGranted");
  EXPECT_NE(team.workspace["status"].dump().find("deploy/registry-credentials.yaml"), std::string::npos);
  ASSERT_EQ(told.events.size(), 1U);
  const kube::Plan waits = team.reconcile(1);
  EXPECT_EQ(ids(waits), Ids{});
  EXPECT_EQ(waits.requeue_after, Millis{59'001});
  EXPECT_EQ(ids(team.reconcile(60)), Ids{kRead});
  EXPECT_EQ(ids(team.reconcile(60, Error{Errc::not_found, ""})), Ids{"write status"});
  EXPECT_EQ(team.followed(), "CredentialsNotFound");
  EXPECT_EQ(team.poller.asked, 0);
  EXPECT_EQ(ids(team.reconcile(120)), Ids{kRead});
  team.reconcile(120, team.secret());
  EXPECT_EQ(team.poller.asked, 1);
}

TEST(ImageQuestions, ReadTheSecretAgainAtOnceAfterAnErrorThatPasses) {
  Private team;
  team.reconcile(0);
  EXPECT_EQ(ids(team.reconcile(0, Error{Errc::transport, "no answer"})), Ids{kRead});
}

TEST(ImageQuestions, TakeAChangedPasswordOnceTheRegistryRefusesTheFormer) {
  Private team;
  team.reconcile(0);
  team.reconcile(0, team.secret());
  team.registry.poll();
  team.reconcile(1);
  team.registry.wants = registry::Credentials{"a", "2"};
  team.registry.poll();
  EXPECT_THAT(ids(team.reconcile(30)), Not(Contains(kRead))) << "the Secret was read less than a minute ago";
  EXPECT_EQ(team.followed(), "RegistryUnauthorized");
  EXPECT_THAT(ids(team.reconcile(61)), Contains(kRead));
  team.reconcile(61, secret_of({{"r.local", entry("a", "2")}}));
  team.registry.poll();
  team.reconcile(62);
  EXPECT_EQ(team.followed(), "Following");
}

TEST(ImageQuestions, TakeAChangedPasswordWhereTheRegistryHidesWhatIsPrivate) {
  Private team;
  team.registry.fails = Error{Errc::not_found, "there is no such repository"};
  team.reconcile(0);
  team.reconcile(0, team.secret());
  team.registry.poll();
  team.reconcile(1);
  EXPECT_EQ(team.followed(), "NoSuchTag");
  EXPECT_NE(team.workspace["status"].dump().find("or Secret \\\"registry\\\" if it may not see that"),
            std::string::npos);
  EXPECT_THAT(ids(team.reconcile(59)), Not(Contains(kRead)));
  EXPECT_THAT(ids(team.reconcile(61)), Contains(kRead));
}

TEST(ImageQuestions, DoNotFlapWithARestartAndAFailedPoll) {
  Team team;
  team.reconcile(0);
  team.registry.poll();
  team.reconcile(1);
  team.restart();
  team.poller.forget(kWorkspace);  // the former process
  EXPECT_EQ(ids(team.reconcile(2)), (Ids{"write status", "look at claim bd01/storage"})) << "it publishes";
  team.registry.fails = Error{Errc::transport, "connection refused"};
  team.registry.poll();
  const kube::Plan patient = team.reconcile(3);
  EXPECT_EQ(team.followed(), "Following");
  EXPECT_EQ(ids(patient), Ids{"look at claim bd01/storage"});
  team.registry.fails.reset();
  team.registry.poll();
  team.reconcile(4);
  team.registry.fails = Error{Errc::transport, "connection refused"};
  team.registry.poll();
  team.reconcile(130);
  EXPECT_EQ(team.followed(), "Following") << "it fails since now, and not since the second 3";
  team.reconcile(250);
  EXPECT_EQ(team.followed(), "RegistryUnreachable");
}

TEST(ImageQuestions, AreNotAskedWithoutAPoller) {
  Team team;
  team.reconciler.emplace(team.world, "stage:1");
  EXPECT_EQ(ids(team.reconcile(0)), Ids{"write status"});
  EXPECT_EQ(team.followed(), "WaitsForImage");
}

}  // namespace
}  // namespace atelier::reconcile
