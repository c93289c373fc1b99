#include "app/operator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/fake_loop.h"
#include "support/fake_registry.h"
#include "support/scrape.h"
#include "support/scripted_port.h"

namespace atelier::app {
namespace {

using nlohmann::json;

class Operators : public ::testing::Test {
 protected:
  // Answers every streamed list that is open: one tenant, and nothing of all else; 404 to those of this API group.
  void fill_caches(const std::string& unserved = "no group") {
    const json tenant = {{"apiVersion", "atelier.dev/v1alpha1"},
                         {"kind", "BusinessDomain"},
                         {"metadata", {{"name", "t"}, {"uid", "u"}, {"generation", 1}, {"resourceVersion", "5"}}},
                         {"spec", {{"namespaces", {"a"}}}}};
    const json end = {
        {"metadata", {{"resourceVersion", "10"}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}};
    for (const std::size_t index : api_.open()) {
      if (api_.line(index).find("sendInitialEvents=true") == std::string::npos) continue;
      if (api_.line(index).find("/apis/" + unserved + "/") != std::string::npos) {
        api_.head(index, 404);
        api_.end(index);
        continue;
      }
      std::string events;
      if (api_.line(index).find("/businessdomains") != std::string::npos) {
        events += json{{"type", "ADDED"}, {"object", tenant}}.dump() + "\n";
      }
      if (api_.line(index).find("/datadomains") != std::string::npos && !data_domain_.is_null()) {
        events += json{{"type", "ADDED"}, {"object", data_domain_}}.dump() + "\n";
      }
      events += json{{"type", "BOOKMARK"}, {"object", end}}.dump() + "\n";
      api_.head(index, 200);
      api_.data(index, events);
    }
    loop_.run_ready();
  }
  void answer_lease(int status, const json& body) {
    lease_.reply(lease_.count() - 1, status, body.dump());
    loop_.run_ready();
  }
  static json held_by(const std::string& holder) {
    return {{"metadata", {{"resourceVersion", "1"}}},
            {"spec", {{"holderIdentity", holder}, {"leaseDurationSeconds", 15}}}};
  }
  bool ready() {
    const std::vector<Check> checks = operator_.ready_checks();
    return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.failure.empty(); });
  }
  std::size_t writes() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < api_.count(); ++i) count += api_.request(i).method == http::Method::get ? 0 : 1;
    return count;
  }

  json data_domain_;
  testing::FakeLoop loop_;
  testing::FakeRandom random_;
  testing::ScriptedPort api_{loop_};
  testing::ScriptedPort lease_{loop_};
  testing::FakeRegistry registry_;
  Operator operator_{{.stage_image = "stage",
                      .lease_namespace = "atelier-system",
                      .lease_name = "atelier-operator",
                      .identity = "me",
                      .lease = {}},
                     {api_, lease_,
                      [this](std::function<void(const ObjectKey&)> changed) {
                        return std::make_unique<testing::FakePoller>(registry_, std::move(changed));
                      }},
                     loop_,
                     random_,
                     [] {}};
};

TEST_F(Operators, QueueNothingWhileAnotherLeadsAndLookAtEverythingWhenTheyLead) {
  operator_.start();
  answer_lease(200, held_by("other"));
  fill_caches();
  ASSERT_TRUE(operator_.world().synced());
  ASSERT_EQ(operator_.world().tenants.size(), 1U);
  EXPECT_TRUE(operator_.idle());
  loop_.advance(Millis{2'000});
  answer_lease(200, held_by(""));
  answer_lease(200, held_by("me"));
  EXPECT_TRUE(operator_.leading());
  EXPECT_GT(writes(), 0U) << "the tenant that came in while another led is looked at";
}

TEST_F(Operators, ReleaseTheirLeaseOnceHoweverOftenTheyAreStopped) {
  operator_.start();
  answer_lease(404, {{"reason", "NotFound"}});
  answer_lease(201, held_by("me"));
  int ended = 0;
  operator_.stop([&] { ++ended; });
  const std::size_t asked = lease_.count();
  operator_.stop([&] { ++ended; });
  EXPECT_EQ(lease_.count(), asked);
  EXPECT_FALSE(lease_.cancelled(asked - 1));
  answer_lease(200, held_by(""));
  EXPECT_EQ(ended, 1);
}

TEST_F(Operators, AskNoRegistryAnyMoreWhenStopped) {
  EXPECT_EQ(registry_.pollers.size(), 1U);
  operator_.stop([] {});
  EXPECT_EQ(registry_.pollers.size(), 0U);
}

TEST_F(Operators, AreReadyAsAStandbyAndNotAnyMoreWhenStopped) {
  operator_.start();
  answer_lease(200, held_by("other"));
  EXPECT_FALSE(ready());
  fill_caches();
  EXPECT_TRUE(ready());
  operator_.stop([] {});
  EXPECT_FALSE(ready());
}

TEST_F(Operators, AreReadyWhereTheClusterServesNoAdmissionPolicies) {
  operator_.start();
  answer_lease(200, held_by("other"));
  fill_caches("admissionregistration.k8s.io");
  EXPECT_TRUE(ready());
  EXPECT_EQ(operator_.world().approval_guard().state, engine::ApprovalGuard::State::unknown);
}

TEST_F(Operators, WorkForAllButTenantsWhileAPartOfTenanciesCannotBeListed) {
  data_domain_ = json::parse(R"({
    "apiVersion": "atelier.dev/v1alpha1", "kind": "DataDomain",
    "metadata": {"name": "dd", "namespace": "a", "uid": "d", "generation": 1, "resourceVersion": "5"},
    "spec": {"key": "dd", "businessDomain": {"name": "t"}, "storage": {"claimName": "s", "owner": {"uid": 1, "gid": 1}}}})");
  operator_.start();
  fill_caches("networking.k8s.io");
  answer_lease(404, {{"reason", "NotFound"}});
  answer_lease(201, held_by("me"));
  loop_.run_ready();
  std::string written;
  for (std::size_t i = 0; i < api_.count(); ++i) {
    if (api_.request(i).method != http::Method::get) written += api_.line(i) + "\n";
  }
  EXPECT_NE(written.find("/datadomains/dd/status"), std::string::npos) << written;
  EXPECT_EQ(written.find("/businessdomains/"), std::string::npos) << written;
  EXPECT_FALSE(ready());
  EXPECT_EQ(
      operator_.ready_checks()[0].failure,
      "no list yet of networkpolicies; the API server answered 404, and not that an object is missing: does it serve "
      "this kind?; upgrade the cluster to Kubernetes 1.34 or later");
}

TEST_F(Operators, AreReadyOnceTheyLead) {
  operator_.start();
  fill_caches();
  answer_lease(404, {{"reason", "NotFound"}});
  EXPECT_FALSE(ready());
  answer_lease(201, held_by("me"));
  EXPECT_TRUE(ready());
  const std::string scrape = operator_.metrics().scrape();
  EXPECT_EQ(testing::value_in(scrape, R"(leader_election_master_status{name="atelier-operator"})"), "1");
  EXPECT_EQ(testing::value_in(scrape, R"(atelier_cache_objects{resource="businessdomains"})"), "1");
  EXPECT_EQ(testing::value_in(scrape, R"(atelier_request_duration_seconds_count{code="200",verb="WATCH"})"), "16");
}

// Of chosen namespaces, with an answer to each list; nothing in the cluster is theirs.
TEST(LimitedOperators, AskForNothingButWhatIsInTheirNamespaces) {
  testing::FakeLoop loop;
  testing::FakeRandom random;
  testing::ScriptedPort api{loop};
  testing::ScriptedPort lease{loop};
  OperatorSettings settings;
  settings.stage_image = "stage";
  settings.identity = "me";
  settings.watches.chosen = {"a", "b"};
  Operator op{settings, {api, lease}, loop, random, [] {}};
  op.start();
  EXPECT_EQ(api.count(), 16U) << "eight resources in two namespaces";
  for (const std::size_t index : api.open()) {
    const std::string asked = api.line(index);
    EXPECT_TRUE(asked.find("/namespaces/a/") != asked.npos || asked.find("/namespaces/b/") != asked.npos) << asked;
    if (asked.find("/namespaces/b/workspaces") != asked.npos) {
      api.head(index, 403);
      api.end(index);
      continue;
    }
    const json end = {
        {"metadata", {{"resourceVersion", "10"}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}};
    api.head(index, 200);
    api.data(index, json{{"type", "BOOKMARK"}, {"object", end}}.dump() + "\n");
  }
  loop.run_ready();
  EXPECT_FALSE(op.world().synced());
  EXPECT_EQ(
      op.ready_checks()[0].failure,
      "no list yet of workspaces in b; the API server answered 403; let the operator's ServiceAccount list and watch "
      "workspaces in namespace \"b\" by a Role there, as deploy/overlays/one-namespace and the Helm release have it, "
      "or take that namespace out of --watch-namespaces");
  EXPECT_EQ(op.world().approval_guard().state, engine::ApprovalGuard::State::absent)
      << "what nobody can see holds nothing";
}

}  // namespace
}  // namespace atelier::app
