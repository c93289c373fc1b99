#include "app/cluster_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "atelier/yaml/document.h"
#include "support/fake_loop.h"
#include "support/scripted_port.h"
#include "support/source_dir.h"

namespace atelier::app {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kNewEnough = R"({"major": "1", "minor": "35", "gitVersion": "v1.35.0"})";
constexpr const char* kRemedy =
    "; install the custom resource definitions of this version: kubectl apply --server-side -k crds, or upgrade the "
    "Helm release";

// As the API server publishes what crds/ has.
json kinds_of_this_version() {
  json schemas = json::object();
  for (const auto& file : std::filesystem::directory_iterator(testing::source_dir() + "/crds")) {
    std::ifstream in(file.path());
    const auto documents = yaml::parse(std::string(std::istreambuf_iterator<char>(in), {}));
    const json& spec = documents.value().at(0).value.value("spec", json::object());
    if (spec.empty()) continue;
    schemas["dev.atelier.v1alpha1." + spec["names"]["kind"].get<std::string>()] =
        spec["versions"][0]["schema"]["openAPIV3Schema"];
  }
  return {{"components", {{"schemas", schemas}}}};
}

class ClusterChecks : public ::testing::Test {
 protected:
  void answer(int status, const std::string& body) {
    port_.reply(port_.count() - 1, status, body);
    loop_.run_ready();
  }
  std::size_t asked_after(Millis time) {
    const std::size_t before = port_.count();
    loop_.advance(time);
    return port_.count() - before;
  }

  testing::FakeLoop loop_;
  testing::FakeRandom random_;
  testing::ScriptedPort port_{loop_};
  ClusterCheck check_{port_, loop_, random_};
};

TEST_F(ClusterChecks, AskTwiceWhereAllIsAsItShouldBe) {
  check_.start();
  EXPECT_NE(check_.failure(), "");
  EXPECT_EQ(port_.line(0), "GET /version");
  answer(200, kNewEnough);
  EXPECT_EQ(port_.line(1), "GET /openapi/v3/apis/atelier.dev/v1alpha1");
  answer(200, kinds_of_this_version().dump());
  EXPECT_EQ(check_.failure(), "");
  EXPECT_EQ(asked_after(std::chrono::hours{1}), 0U);
}

TEST_F(ClusterChecks, SayThatTheClusterIsTooOldUntilItIsUpgraded) {
  check_.start();
  answer(200, R"({"major": "1", "minor": "33+", "gitVersion": "v1.33.9-gke.1"})");
  EXPECT_EQ(check_.failure(), "Kubernetes v1.33.9-gke.1 is too old; upgrade the cluster to Kubernetes 1.34 or later");
  ASSERT_EQ(asked_after(std::chrono::minutes{1}), 1U);
  answer(200, kNewEnough);
  answer(200, kinds_of_this_version().dump());
  EXPECT_EQ(check_.failure(), "");
}

TEST_F(ClusterChecks, NameWhatKindsOfAnOlderVersionLackUntilTheyAreApplied) {
  json older = kinds_of_this_version();
  json& run = older["components"]["schemas"]["dev.atelier.v1alpha1.PipelineRun"]["properties"];
  ASSERT_EQ(run["spec"]["properties"].erase("retryOf"), 1U);
  check_.start();
  answer(200, kNewEnough);
  answer(200, older.dump());
  EXPECT_EQ(check_.failure(),
            std::string("the kinds are of an older version: they lack PipelineRun spec.retryOf") + kRemedy);
  ASSERT_EQ(asked_after(std::chrono::minutes{1}), 1U);
  answer(200, kNewEnough);
  answer(200, kinds_of_this_version().dump());
  EXPECT_EQ(check_.failure(), "");
  EXPECT_EQ(asked_after(std::chrono::hours{1}), 0U);
}

TEST_F(ClusterChecks, LeaveKindsThatAreMissingToTheirListsAndLookAtThemWhenTheyHaveCome) {
  check_.start();
  answer(200, kNewEnough);
  answer(404, R"({"kind": "Status", "reason": "NotFound", "message": "no"})");
  EXPECT_EQ(check_.failure(), "");
  ASSERT_EQ(asked_after(std::chrono::minutes{1}), 1U);
  answer(200, kNewEnough);
  answer(200, R"({"components": {"schemas": {"dev.atelier.v1alpha1.Approval": {}}}})");
  EXPECT_THAT(check_.failure(), HasSubstr("they lack Approval spec"));
}

TEST_F(ClusterChecks, HoldNothingUpWhereTheClusterDoesNotLetThemAsk) {
  check_.start();
  answer(403, R"({"kind": "Status", "reason": "Forbidden", "message": "no"})");
  answer(403, R"({"kind": "Status", "reason": "Forbidden", "message": "no"})");
  EXPECT_EQ(check_.failure(), "");
  EXPECT_EQ(asked_after(std::chrono::hours{1}), 0U);
}

TEST_F(ClusterChecks, AskAgainWhereNoAnswerComes) {
  check_.start();
  port_.fail(0);
  EXPECT_EQ(asked_after(std::chrono::minutes{1}), 1U);
  ASSERT_EQ(port_.line(1), "GET /version");
  answer(200, kNewEnough);
  port_.fail(2);
  EXPECT_EQ(asked_after(std::chrono::minutes{1}), 1U);
  EXPECT_EQ(port_.line(3), "GET /version");
  EXPECT_EQ(check_.failure(), "the API server has not said yet which version it is");
}

TEST_F(ClusterChecks, TakeWhatMeansNothingForNoFault) {
  for (const char* version : {"[]", R"({"major": 1, "minor": 30})", R"({"major": "1", "minor": "x"})", "7"}) {
    for (const char* kinds : {"[]", R"({"components": {"schemas": [1]}})", "null"}) {
      ClusterCheck check{port_, loop_, random_};
      check.start();
      answer(200, version);
      answer(200, kinds);
      EXPECT_EQ(check.failure(), "") << version << kinds;
    }
  }
}

}  // namespace
}  // namespace atelier::app
