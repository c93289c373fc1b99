#include "render/deployment.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "render/labels.h"
#include "unit/render/restricted.h"

namespace atelier::render {
namespace {

const EffectiveResources kSmall{"small", 4096, 8192, 50'000, 2};

api::Workspace live_workspace() {
  api::Workspace out;
  out.metadata.name = "ws";
  out.metadata.ns = "team-a";
  out.metadata.uid = Uid{"u"};
  out.spec.image.repository = "registry/ws";
  out.spec.image.tag = "1";
  out.spec.containers.resize(2);
  out.spec.containers[0].name = "main";
  out.spec.containers[0].command = {"tail", "-f", "/dev/null"};
  out.spec.containers[1].name = "side";
  out.spec.containers[1].image = "other:1";
  out.spec.env = {{"NS", "${namespace}", {}}};
  out.status.release.emplace();
  out.status.release->image = "registry/ws:1";
  out.status.release->image_digest = "registry/ws@sha256:1";
  return out;
}

api::DataDomain domain() {
  api::DataDomain out;
  out.spec.key = "dd01";
  return out;
}

TEST(Deployment, RunsTheReleasesDigestAndForeignImagesAsNamed) {
  const auto made = deployment(live_workspace(), domain(), kSmall);
  const auto& containers = made["spec"]["template"]["spec"]["containers"];
  EXPECT_EQ(containers[0]["image"], "registry/ws@sha256:1");
  EXPECT_EQ(containers[1]["image"], "other:1");
}

TEST(Deployment, MeetsTheRestrictedStandard) {
  expect_restricted(deployment(live_workspace(), domain(), kSmall)["spec"]["template"]["spec"]);
}

TEST(Deployment, ExpandsTheTemplateVariables) {
  const auto made = deployment(live_workspace(), domain(), kSmall);
  EXPECT_NE(made.dump().find(R"({"name":"NS","value":"team-a"})"), std::string::npos);
}

TEST(Deployment, TellsTheProfilesValuesUnlessTheWorkspaceSaysOthers) {
  api::Workspace workspace = live_workspace();
  workspace.spec.env = {{"RAT_CHUNK_SIZE_ROWS", "7", {}}};
  const std::string text = deployment(workspace, domain(), kSmall).dump();
  EXPECT_NE(text.find(R"({"name":"RAT_PROFILE","value":"small"})"), std::string::npos);
  EXPECT_NE(text.find(R"({"name":"RAT_DUCKDB_MEMORY_MB","value":"8192"})"), std::string::npos);
  EXPECT_NE(text.find(R"({"name":"RAT_CHUNK_SIZE_ROWS","value":"7"})"), std::string::npos);
  EXPECT_EQ(text.find("50000"), std::string::npos);
}

TEST(Deployment, HashTellsWhetherThereIsAnythingToWrite) {
  const auto hash = [](const api::Workspace& ws) {
    return deployment(ws, domain(), kSmall)["metadata"]["annotations"][kInputHash];
  };
  EXPECT_EQ(hash(live_workspace()), hash(live_workspace()));
  api::Workspace rolled = live_workspace();
  rolled.status.release->image_digest = "registry/ws@sha256:2";
  EXPECT_NE(hash(live_workspace()), hash(rolled));
}

}  // namespace
}  // namespace atelier::render
