#include "app/endpoints.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"
#include "support/scrape.h"
#include "support/scripted_port.h"

namespace atelier::app {
namespace {

const std::vector<Check> kHolds{{"synced", ""}, {"leadership", ""}};
const std::vector<Check> kFails{{"synced", ""}, {"leadership", "no leader"}};

TEST(AProbe, SaysOkAndNoMore) {
  const auto answer = answer_probe("readyz", {"/readyz", ""}, kHolds);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok");
}

TEST(AProbe, HasALineForEachCheckIfAskedTo) {
  for (const char* query : {"verbose", "verbose=1", "a=b&verbose", "verbose&a"}) {
    const auto answer = answer_probe("readyz", {"/readyz", query}, kHolds);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "[+]synced ok\n[+]leadership ok\nreadyz check passed\n") << query;
  }
  for (const char* query : {"averbose", "verbosea", "a=verbose", "&", "="}) {
    EXPECT_EQ(answer_probe("readyz", {"/readyz", query}, kHolds).body, "ok") << query;
  }
}

TEST(AProbe, SaysWhatFailed) {
  const auto answer = answer_probe("readyz", {"/readyz", ""}, kFails);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, "[+]synced ok\n[-]leadership failed: no leader\nreadyz check failed\n");
}

TEST(AProbe, LeavesOutWhatIsExcluded) {
  for (const char* query : {"exclude=leadership", "a&exclude=leadership&exclude=leadership"}) {
    const auto answer = answer_probe("readyz", {"/readyz", query}, kFails);
    EXPECT_EQ(answer.status, 200) << query;
    EXPECT_EQ(answer.body, "ok") << query;
  }
  EXPECT_EQ(answer_probe("readyz", {"/readyz", "verbose&exclude=leadership"}, kFails).body,
            "[+]synced ok\n[+]leadership excluded: ok\nreadyz check passed\n");
  EXPECT_EQ(answer_probe("readyz", {"/readyz", "exclude=synced&exclude=leadership"}, kFails).status, 200);
}

TEST(AProbe, SaysWhatItCannotExcludeAndFailsAllTheSame) {
  const auto answer = answer_probe("readyz", {"/readyz", "exclude=leader&exclude=x&exclude"}, kFails);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body,
            "[+]synced ok\n[-]leadership failed: no leader\n"
            "warn: some health checks cannot be excluded: no matches for \"leader\", \"x\", \"\"\n"
            "readyz check failed\n");
  EXPECT_EQ(answer_probe("readyz", {"/readyz", "exclude=leader"}, kHolds).body, "ok");
}

TEST(AProbe, AnswersForOneCheckAlone) {
  EXPECT_EQ(answer_probe("readyz", {"/readyz/synced", ""}, kFails).body, "ok");
  EXPECT_EQ(answer_probe("readyz", {"/readyz/synced", "verbose&exclude=leadership"}, kFails).body, "ok");
  const auto failed = answer_probe("readyz", {"/readyz/leadership", "exclude=leadership"}, kFails);
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.body, "internal server error: no leader\n");
  EXPECT_EQ(answer_probe("readyz", {"/readyz/", ""}, kHolds).body, "ok");
  const auto none = answer_probe("readyz", {"/readyz/sync", ""}, kHolds);
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body, "not found; there is /readyz, /readyz/synced, /readyz/leadership\n");
}

class Endpoints : public ::testing::Test {
 protected:
  testing::FakeLoop loop_;
  testing::FakeRandom random_;
  testing::ScriptedPort api_{loop_};
  testing::ScriptedPort lease_{loop_};
  Operator operator_{{.stage_image = "stage", .identity = "me", .lease = {}, .server_url = "https://api:6443"},
                     {api_, lease_},
                     loop_,
                     random_,
                     [] {}};
};

TEST_F(Endpoints, AreHealthyBeforeTheyAreReady) {
  EXPECT_EQ(answer_probes({"/healthz", ""}, operator_).status, 200);
  const auto ready = answer_probes({"/readyz", ""}, operator_);
  EXPECT_EQ(ready.status, 500);
  EXPECT_TRUE(ready.body.starts_with("[-]synced failed: no list yet of businessdomains, ")) << ready.body;
  EXPECT_EQ(answer_probes({"/healthz/loop", ""}, operator_).body, "ok");
  EXPECT_EQ(answer_probes({"/readyz/leadership", ""}, operator_).body,
            "internal server error: no leader is known yet\n");
}

TEST_F(Endpoints, AreNothingElse) {
  for (const char* path : {"/", "/metrics", "/healthz/synced", "/readyz/loop", "/readyzsynced", "/HEALTHZ", "/livez"}) {
    EXPECT_EQ(answer_probes({path, ""}, operator_).status, 404) << path;
  }
  for (const char* path : {"/", "/healthz", "/metrics/"}) {
    EXPECT_EQ(answer_metrics({path, ""}, operator_).status, 404) << path;
  }
}

TEST_F(Endpoints, TellTheMetricsOfTheOperator) {
  operator_.start();
  api_.end(0, Error{Errc::transport, "reset"});
  loop_.run_ready();
  const auto answer = answer_metrics({"/metrics", ""}, operator_);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(
      testing::value_in(answer.body, R"(rest_client_requests_total{code="<error>",host="api:6443",method="GET"})"),
      "1");
  EXPECT_EQ(testing::value_in(answer.body, R"(atelier_cache_objects{resource="pipelineruns"})"), "0");
  EXPECT_EQ(testing::value_in(answer.body, R"(leader_election_master_status{name="atelier-operator"})"), "0");
  EXPECT_EQ(testing::value_in(answer.body, "atelier_events_dropped_total"), "0");
  EXPECT_EQ(testing::value_in(answer.body, R"(workqueue_adds_total{controller="pipelinerun",name="pipelinerun"})"),
            "0");
}

}  // namespace
}  // namespace atelier::app
