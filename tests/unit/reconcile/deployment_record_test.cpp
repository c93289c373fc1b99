#include "reconcile/deployment_record.h"

#include <gtest/gtest.h>

namespace atelier::reconcile {
namespace {

bool rolled_out(const std::string& status) {
  const auto record = decode_deployment(R"({"metadata": {"name": "ws", "namespace": "n", "uid": "u", "generation": 2},
                                            "status": )" +
                                        status + "}");
  return record && record.value()->rolled_out();
}

TEST(DeploymentRecord, IsRolledOutOnceEveryPodIsNewAndAvailable) {
  EXPECT_TRUE(rolled_out(R"({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1})"));
}

TEST(DeploymentRecord, IsNotRolledOutWhileAnOldPodIsWhatIsAvailable) {
  EXPECT_FALSE(rolled_out(R"({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 1})"));
  EXPECT_FALSE(rolled_out(R"({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1})"));
  EXPECT_FALSE(rolled_out(R"({"observedGeneration": 2, "replicas": 1, "updatedReplicas": 1})"));
  EXPECT_FALSE(rolled_out("{}"));
}

TEST(DeploymentRecord, ThatCannotBeReadIsNotQuoted) {
  const auto record = decode_deployment("{\"metadata\": {\"secret \xff");
  ASSERT_FALSE(record);
  EXPECT_EQ(record.error().message.find("secret"), std::string::npos) << record.error().message;
  EXPECT_EQ(record.error().message.find('\xff'), std::string::npos);
}

TEST(DeploymentRecord, NumbersThatAreNoIntegersCountNothing) {
  const auto record = decode_deployment(R"({"metadata": {"name": "ws", "namespace": "n", "uid": "u",
                                            "generation": 1e300}, "status": {"replicas": 1.5}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record.value()->generation, 0);
  EXPECT_EQ(record.value()->replicas, 0);
}

TEST(DeploymentRecord, SaysWhatIsWrongAfterTheDeadline) {
  const auto record = decode_deployment(R"({"metadata": {"name": "ws", "namespace": "n", "uid": "u", "generation": 2},
    "status": {"conditions": [
      {"type": "Available", "status": "True", "message": "the old pod"},
      {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "has timed out"}]}})");
  ASSERT_TRUE(record);
  EXPECT_EQ(record.value()->trouble, "has timed out");
}

}  // namespace
}  // namespace atelier::reconcile
