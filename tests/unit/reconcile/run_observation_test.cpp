#include "reconcile/run_observation.h"

#include <gtest/gtest.h>

#include "atelier/kube/frame.h"

namespace atelier::reconcile {
namespace {

// Of a pod with this status.
engine::PodObservation seen(const std::string& status) {
  std::string text = R"({"metadata": {"name": "p", "namespace": "n", "uid": "u"}, "status": )" + status + "}";
  text.reserve(text.size() + kube::kPadding);
  return observe(*decode_pod(text).value());
}

TEST(RunObservation, ASidecarWhoseImageIsNotThereIsWhatThePodWaitsFor) {
  const auto pod = seen(R"({"phase": "Pending",
    "initContainerStatuses": [
      {"name": "first", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}},
      {"name": "proxy", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}},
      {"name": "last", "state": {"waiting": {"reason": "PodInitializing"}}}],
    "containerStatuses": [{"name": "task", "state": {"waiting": {"reason": "PodInitializing"}}}]})");
  EXPECT_EQ(pod.phase, engine::PodPhase::pending);
  EXPECT_EQ(pod.waiting_reason, "ImagePullBackOff");
  EXPECT_EQ(pod.waiting_message, "sidecar proxy: no such tag");
}

TEST(RunObservation, TheTasksOwnReasonToWaitComesFirst) {
  const auto pod = seen(R"({"phase": "Pending",
    "initContainerStatuses": [{"name": "proxy", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "x"}}}],
    "containerStatuses": [{"name": "task", "state": {"waiting": {"reason": "ErrImagePull", "message": "y"}}}]})");
  EXPECT_EQ(pod.waiting_reason, "ErrImagePull");
  EXPECT_EQ(pod.waiting_message, "y");
}

TEST(RunObservation, ASidecarThatCrashesIsToldWhileTheTaskRuns) {
  const auto pod = seen(R"({"phase": "Running",
    "initContainerStatuses": [{"name": "proxy", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "x"}}}],
    "containerStatuses": [{"name": "task", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]})");
  EXPECT_EQ(pod.phase, engine::PodPhase::running);
  EXPECT_EQ(pod.waiting_reason, "CrashLoopBackOff");
}

TEST(RunObservation, HowASidecarEndsSaysNothingAboutTheTask) {
  const auto pod = seen(R"({"phase": "Succeeded",
    "initContainerStatuses": [{"name": "proxy", "state": {"terminated": {"exitCode": 137, "reason": "Error",
      "message": "killed"}}}],
    "containerStatuses": [{"name": "task", "state": {"terminated": {"exitCode": 0, "reason": "Completed",
      "message": "{\"rows\": 1}", "finishedAt": "2026-01-01T00:00:05Z"}}}]})");
  EXPECT_EQ(pod.phase, engine::PodPhase::succeeded);
  EXPECT_EQ(pod.exit_code, 0);
  EXPECT_EQ(pod.reason, "Completed");
  EXPECT_EQ(pod.termination_message, "{\"rows\": 1}");
  EXPECT_EQ(pod.waiting_reason, "");
}

TEST(RunObservation, WhatTheOperatorsSidecarSaysIsSeenOnceItHasEnded) {
  const auto handed_on = [](const std::string& name, const std::string& state) {
    return seen(R"({"phase": "Succeeded", "initContainerStatuses": [
      {"name": "proxy", "state": {"terminated": {"exitCode": 0, "message": "other"}}},
      {"name": ")" +
                name + R"(", "state": )" + state + "}]}")
        .handed_on;
  };
  const std::string ended = R"({"terminated": {"exitCode": 0, "message": "{\"ok\":true}"}})";
  EXPECT_EQ(handed_on("atelier-results", ended), R"({"ok":true})");
  EXPECT_EQ(handed_on("atelier-results", R"({"running": {"startedAt": "2026-01-01T00:00:00Z"}})"), "");
  EXPECT_EQ(handed_on("own", ended), "");
}

}  // namespace
}  // namespace atelier::reconcile
