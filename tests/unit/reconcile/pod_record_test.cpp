#include "reconcile/pod_record.h"

#include <gtest/gtest.h>

#include "atelier/kube/frame.h"

namespace atelier::reconcile {
namespace {

// With the padding that a reflector gives.
Result<std::shared_ptr<const PodRecord>> decode(std::string text) {
  text.reserve(text.size() + kube::kPadding);
  return decode_pod(text);
}

TEST(PodRecord, KeepsWhatTheOperatorReads) {
  const auto pod = decode(R"({
    "apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "p", "namespace": "n", "uid": "u", "resourceVersion": "7",
      "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-01T00:00:09Z",
      "labels": {"atelier.dev/component": "task", "atelier.dev/run-uid": "r", "atelier.dev/task": "t",
                 "atelier.dev/attempt": "2", "other": "x"},
      "annotations": {"atelier.dev/input-hash": "h", "atelier.dev/pod-hash": "ph", "atelier.dev/generation": "12"},
      "finalizers": ["foregroundDeletion", "atelier.dev/result"],
      "managedFields": [{"fieldsV1": {"f:status": {"f:phase": {}}}}]},
    "spec": {"containers": [{"name": "task", "image": "i"}]},
    "status": {"phase": "Failed", "reason": "Evicted", "message": "node was low on memory",
      "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes"},
                     {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler", "message": "m"}],
      "initContainerStatuses": [{"name": "stage", "imageID": "r/i@sha256:1",
        "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}}],
      "containerStatuses": [{"name": "task", "lastState": {"terminated": {"exitCode": 9}},
        "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "message": "{\"rows\": 1}",
          "startedAt": "2026-01-01T00:00:01Z", "finishedAt": "2026-01-01T00:00:05Z"}}}]}})");
  ASSERT_TRUE(pod);
  const PodRecord& record = *pod.value();
  EXPECT_EQ(record.key(), ObjectKey("n", "p"));
  EXPECT_EQ(record.run_uid, Uid{"r"});
  EXPECT_EQ(record.attempt, 2);
  EXPECT_EQ(record.storage->generation, 12);
  EXPECT_EQ(record.storage->pod_hash, "ph");
  EXPECT_TRUE(record.deleting && record.terminal());
  EXPECT_EQ(record.result_finalizer, 1);
  EXPECT_EQ(record.reason, "Evicted");
  EXPECT_EQ(record.conditions->unschedulable, "0/1 nodes");
  EXPECT_EQ(record.conditions->disruption_reason, "PreemptionByScheduler");
  EXPECT_EQ(record.conditions->disruption_message, "m");
  EXPECT_EQ(record.init_containers[0].waiting->reason, "ImagePullBackOff");
  EXPECT_EQ(record.init_containers[0].image_id, "r/i@sha256:1");
  EXPECT_EQ(record.containers[0].exit_code, 137);
  EXPECT_EQ(record.containers[0].message, R"({"rows": 1})");
  EXPECT_EQ(*record.containers[0].finished - *record.created, std::chrono::seconds{5});
}

TEST(PodRecord, OfAFreshPodHasNoStatus) {
  const auto pod = decode(R"({"metadata": {"name": "p", "namespace": "n", "uid": "u",
                                  "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {}})");
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod.value()->phase, PodPhase::unknown);
  EXPECT_FALSE(pod.value()->holds_result() || pod.value()->deleting);
}

// A pod that was deleted at second 10 with 30 seconds of grace.
bool ended_before(const std::string& terminated, const std::string& deletion) {
  const auto pod = decode(R"({"metadata": {"name": "p", "namespace": "n", "uid": "u")" + deletion +
                          R"(}, "status": {"phase": "Failed", "containerStatuses": [{"name": "task", "state":
                             {"terminated": {)" +
                          terminated + "}}}]}}");
  EXPECT_TRUE(pod);
  return pod && pod.value()->ended_before;
}

TEST(PodRecord, KnowsWhatHadEndedBeforeItWasDeleted) {
  const std::string deleted = R"(, "deletionTimestamp": "2026-01-01T00:00:40Z", "deletionGracePeriodSeconds": 30)";
  const std::string by_the_kubelet =
      R"(, "deletionTimestamp": "2026-01-01T00:00:10Z", "deletionGracePeriodSeconds": 0)";
  const auto at = [](const char* second, int exit_code) {
    return std::string(R"("finishedAt": "2026-01-01T00:00:)") + second + R"(Z", "exitCode": )" +
           std::to_string(exit_code);
  };
  EXPECT_TRUE(ended_before(at("09", 3), deleted));
  EXPECT_TRUE(ended_before(at("09", 3), by_the_kubelet)) << "the request's time stays when the grace is taken away";
  EXPECT_FALSE(ended_before(at("10", 3), deleted)) << "times are cut to seconds";
  EXPECT_FALSE(ended_before(at("09", 143), deleted)) << "the deletion's own signal, by another clock";
  EXPECT_FALSE(ended_before(at("09", 137), deleted));
  EXPECT_FALSE(ended_before(at("09", 3), ""));
  EXPECT_FALSE(ended_before(R"("exitCode": 3)", deleted));
  EXPECT_FALSE(ended_before(at("09", 3), R"(, "deletionTimestamp": "never", "deletionGracePeriodSeconds": -7)"));
}

TEST(PodRecord, SaysWhenItCannotBeRead) {
  for (const char* text : {"", "{", "[]", R"({"metadata": {"name": 7}})", R"({"metadata": {"name": "p"}})"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
}

}  // namespace
}  // namespace atelier::reconcile
