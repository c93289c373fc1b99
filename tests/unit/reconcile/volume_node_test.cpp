#include "reconcile/volume_node.h"

#include <gtest/gtest.h>

namespace atelier::reconcile {
namespace {

using nlohmann::json;

const ObjectKey kClaim{"bd01", "storage"};
constexpr const char* kLook = "look at claim bd01/storage";
constexpr const char* kPods = "look for the pods of claim bd01/storage";

json claim(const std::string& mode) { return {{"status", {{"accessModes", {mode}}}}}; }

json pod(const std::string& node, const std::string& phase, const std::string& claim_name) {
  json out = {
      {"spec", {{"volumes", json::array({{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", claim_name}}}}})}}},
      {"status", {{"phase", phase}}}};
  if (!node.empty()) out["spec"]["nodeName"] = node;
  return out;
}

struct Answers {
  void give(const std::string& id, Result<json> answer) { feedback.results.emplace(id, std::move(answer)); }
  std::optional<std::string> node() {
    plan = {};
    return volume_node(plan, feedback, kClaim);
  }
  std::string asks() const { return plan.writes.empty() ? "" : plan.writes[0].id; }

  kube::Feedback feedback;
  kube::Plan plan;
};

TEST(VolumeNode, IsAskedForBeforeItIsKnown) {
  Answers answers;
  EXPECT_FALSE(answers.node());
  EXPECT_EQ(answers.asks(), kLook);
  EXPECT_EQ(answers.plan.writes[0].request.target, "/api/v1/namespaces/bd01/persistentvolumeclaims/storage");
}

TEST(VolumeNode, IsAnyWhereManyNodesMayMountTheClaim) {
  Answers answers;
  answers.give(kLook, claim("ReadWriteMany"));
  EXPECT_EQ(answers.node(), "");
  EXPECT_EQ(answers.asks(), "");
}

TEST(VolumeNode, IsLookedForAmongThePodsWhereOneNodeMay) {
  Answers answers;
  answers.give(kLook, claim("ReadWriteOnce"));
  EXPECT_FALSE(answers.node());
  EXPECT_EQ(answers.asks(), kPods);
}

TEST(VolumeNode, IsThatOfAPodThatMountsTheClaimAndIsNotOver) {
  Answers answers;
  answers.give(kPods, json{{"items",
                            {pod("n1", "Succeeded", "storage"), pod("n2", "Running", "other"),
                             pod("", "Pending", "storage"), pod("n4", "Running", "storage")}}});
  EXPECT_EQ(answers.node(), "n4");
}

TEST(VolumeNode, IsAnyWhileNoPodMountsTheClaim) {
  Answers answers;
  answers.give(kPods, json{{"items", json::array()}});
  EXPECT_EQ(answers.node(), "");
}

TEST(VolumeNode, IsAnyWhereTheClaimIsMissingOrHidden) {
  for (const Errc code : {Errc::not_found, Errc::forbidden}) {
    Answers claims;
    claims.give(kLook, Error{code, ""});
    EXPECT_EQ(claims.node(), "");
    Answers pods;
    pods.give(kPods, Error{code, ""});
    EXPECT_EQ(pods.node(), "");
  }
}

TEST(VolumeNode, IsAskedForAgainAfterAnErrorThatPasses) {
  Answers answers;
  answers.give(kLook, Error{Errc::transport, ""});
  EXPECT_FALSE(answers.node());
  EXPECT_EQ(answers.asks(), kLook);
}

}  // namespace
}  // namespace atelier::reconcile
