#include "reconcile/publish_outcome.h"

#include <gtest/gtest.h>

#include <map>

namespace atelier::reconcile {
namespace {

WallTime second(int n) { return WallTime{std::chrono::seconds{n}}; }

// A pod of which one step ended.
PodRecord failed_pod(const std::string& step, int exit_code, const std::string& reason, const std::string& message) {
  PodRecord pod;
  pod.component = "publish";
  pod.phase = PodPhase::failed;
  pod.created = second(7);
  ContainerRecord& container = pod.init_containers.emplace_back();
  container.name = step;
  container.terminated = true;
  container.exit_code = exit_code;
  container.reason = reason;
  container.message = message;
  return pod;
}

std::string advice_of(const std::string& step, const std::string& waiting_reason) {
  PodRecord pod;
  pod.phase = PodPhase::pending;
  ContainerRecord& container = pod.init_containers.emplace_back();
  container.name = step;
  container.waiting.make().reason = waiting_reason;
  return publish_trouble(pod)->message;
}

TEST(PublishOutcome, TakesTheWordsOfOurOwnSteps) {
  const auto trouble =
      publish_trouble(failed_pod("check", 10, "Error", R"({"reason": "DagsRefused", "message": "a link"})"));
  EXPECT_EQ(trouble->reason, "DagsRefused");
  EXPECT_EQ(trouble->message, "a link");
  EXPECT_FALSE(trouble->retryable);
}

TEST(PublishOutcome, OfAClaimWithoutAVolumeSaysWhatProvidesOne) {
  PodRecord pod;
  pod.phase = PodPhase::pending;
  pod.conditions.make().unschedulable = "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.";
  EXPECT_EQ(publish_trouble(pod)->message,
            "the publish pod has no node: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. "
            "Nothing provides the volume of the DataDomain's claim: install a storage class, or a volume that fits the "
            "claim; atelier doctor tells which classes there are");
  pod.conditions.make().unschedulable = "0/1 nodes are available: 1 Insufficient memory.";
  EXPECT_EQ(publish_trouble(pod)->message,
            "the publish pod has no node: 0/1 nodes are available: 1 Insufficient memory.");
}

TEST(PublishOutcome, OfAStepOfOursThatWasKilledIsTriedAgain) {
  for (const char* step : {"tools", "stage", "check", "publish", "sweep"}) {
    const auto trouble = publish_trouble(failed_pod(step, 137, "OOMKilled", ""));
    EXPECT_EQ(trouble->reason, "StepKilled") << step;
    EXPECT_NE(trouble->message.find("OOMKilled"), std::string::npos);
    EXPECT_TRUE(trouble->retryable) << step;
  }
}

TEST(PublishOutcome, OfAnEvictedPodIsItsEvictionWhateverTheStep) {
  for (const char* step : {"publish", "step-own"}) {
    PodRecord pod = failed_pod(step, 1, "Error", "terminated");
    pod.reason = "Evicted";
    pod.message = "the node was low on memory";
    const auto trouble = publish_trouble(pod);
    EXPECT_EQ(trouble->reason, "Evicted") << step;
    EXPECT_NE(trouble->message.find("low on memory"), std::string::npos);
    EXPECT_TRUE(trouble->retryable) << step;
  }
}

TEST(PublishOutcome, OfATeamsStepIsFinalOnlyIfItEndedByItself) {
  EXPECT_EQ(publish_trouble(failed_pod("step-own", 3, "Error", "no such table"))->reason, "StepFailed");
  EXPECT_FALSE(publish_trouble(failed_pod("step-own", 3, "Error", "no such table"))->retryable);
  EXPECT_FALSE(publish_trouble(failed_pod("step-own", 128, "StartError", "no such file"))->retryable);
  EXPECT_TRUE(publish_trouble(failed_pod("step-own", 137, "Error", ""))->retryable);
  EXPECT_TRUE(publish_trouble(failed_pod("step-own", 1, "OOMKilled", ""))->retryable);
}

TEST(PublishOutcome, OfACheckOfTheTeamIsAFailedPreflightWithTheEndOfItsOutput) {
  const auto trouble =
      publish_trouble(failed_pod("check-lint", 1, "Error", std::string(600, 'x') + "\nE1: no owner\n"));
  EXPECT_EQ(trouble->reason, "PreflightFailed");
  EXPECT_FALSE(trouble->retryable);
  EXPECT_NE(trouble->message.find("the check \"lint\" of spec.dags.checks ended with exit code 1: ...xxx"),
            std::string::npos)
      << trouble->message;
  EXPECT_TRUE(trouble->message.ends_with("E1: no owner")) << trouble->message;
  // Whatever it prints, it speaks for itself only.
  const auto claims = publish_trouble(failed_pod("check-lint", 1, "Error", R"({"reason": "StorageFull"})"));
  EXPECT_EQ(claims->reason, "PreflightFailed");
  EXPECT_EQ(publish_trouble(failed_pod("check-lint", 137, "OOMKilled", ""))->reason, "StepKilled");
  EXPECT_TRUE(publish_trouble(failed_pod("check-lint", 137, "OOMKilled", ""))->retryable);
}

TEST(PublishOutcome, OfAPreflightIsTriedAgainOnlyWhereAnotherWorkspaceMayGiveTheIdBack) {
  const std::string said = R"({"reason": "PreflightFailed", "message": "a.py line 3"})";
  EXPECT_FALSE(publish_trouble(failed_pod("check", 10, "Error", said))->retryable);
  EXPECT_TRUE(publish_trouble(failed_pod("publish", 30, "Error", said))->retryable);
}

PodRecord taken_pod(const std::string& reason, const std::string& holder, const std::string& ns = "team-b",
                    const std::string& uid = "uid-1") {
  PodRecord pod = failed_pod("check", 0, "Completed", "");
  pod.workspace = "ws";
  ContainerRecord& container = pod.containers.emplace_back();
  container.name = "publish";
  container.terminated = true;
  container.exit_code = 30;
  container.message = R"({"reason":")" + reason + R"(","dagId":"orders","holderNamespace":")" + ns +
                      R"(","holderName":")" + holder + R"(","holderUid":")" + uid + R"("})";
  return pod;
}

TEST(PublishOutcome, KnowsWhoHasTheNameOrADagIdThatAPublishAskedFor) {
  EXPECT_EQ(holder_of_name(taken_pod("NameTaken", "ws")), (api::StorageClaim{"ws", "team-b", Uid{"uid-1"}}));
  EXPECT_EQ(holder_of_name(taken_pod("PreflightFailed", "other")),
            (api::StorageClaim{"other", "team-b", Uid{"uid-1"}}));
}

TEST(PublishOutcome, BelievesNoHolderThatCannotBeOne) {
  EXPECT_FALSE(holder_of_name(taken_pod("NameTaken", "other"))) << "a name is taken by its own";
  EXPECT_FALSE(holder_of_name(taken_pod("StorageFailed", "ws")));
  for (const char* wrong : {"", "../ws", "ws=uid,x", "Ws", "--remove"}) {
    EXPECT_FALSE(holder_of_name(taken_pod("PreflightFailed", wrong))) << wrong;
    EXPECT_FALSE(holder_of_name(taken_pod("PreflightFailed", "other", wrong))) << wrong;
    EXPECT_FALSE(holder_of_name(taken_pod("PreflightFailed", "other", "team-b", wrong))) << wrong;
  }
  PodRecord running = taken_pod("PreflightFailed", "other");
  running.phase = PodPhase::running;
  EXPECT_FALSE(holder_of_name(running));
  PodRecord of_the_team = taken_pod("PreflightFailed", "other");
  of_the_team.containers[0].name = "step-own";
  EXPECT_FALSE(holder_of_name(of_the_team)) << "a team's words are not ours";
}

TEST(PublishOutcome, OfAnUnknownEndHappenedNoEarlierThanItsPod) {
  EXPECT_EQ(publish_trouble(failed_pod("publish", 137, "ContainerStatusUnknown", ""))->time, second(7));
}

TEST(PublishOutcome, CutsALongMessageAtTheEndOfACharacter) {
  std::string message = "x";
  while (message.size() < 600) message += "\xc3\xa4";
  const std::string told = publish_trouble(failed_pod("step-own", 1, "Error", message))->message;
  EXPECT_EQ(told.substr(told.size() - 5), "\xc3\xa4...");
}

TEST(PublishOutcome, OfAirflowThatCouldNotLoadTheDagsIsAFailedPreflight) {
  const auto trouble = publish_trouble(
      failed_pod("airflow-dag-ids", 1, "Error", "Traceback\nModuleNotFoundError: No module named 'airflow'\n"));
  EXPECT_EQ(trouble->reason, "PreflightFailed");
  EXPECT_FALSE(trouble->retryable);
  EXPECT_NE(trouble->message.find("spec.airflow.image"), std::string::npos) << trouble->message;
  EXPECT_NE(trouble->message.find("No module named 'airflow'"), std::string::npos) << trouble->message;
  const auto claims = publish_trouble(failed_pod("airflow-dag-ids", 1, "Error", R"({"reason": "StorageFull"})"));
  EXPECT_EQ(claims->reason, "PreflightFailed") << "the team's code ran there, so its words are no outcome";
  EXPECT_EQ(publish_trouble(failed_pod("airflow-dag-ids", 137, "OOMKilled", ""))->reason, "StepKilled");
  EXPECT_TRUE(publish_trouble(failed_pod("airflow-dag-ids", 137, "OOMKilled", ""))->retryable);
  EXPECT_NE(advice_of("airflow-dag-ids", "ErrImagePull").find("spec.airflow.image"), std::string::npos);
  EXPECT_NE(advice_of("airflow-dag-ids", "InvalidImageName").find("spec.airflow.image"), std::string::npos);
}

TEST(PublishOutcome, NamesTheOptionThatGivesTheImageOfAStepThatIsNotTheTeams) {
  for (const char* step : {"tools", "check", "publish", "sweep"}) {
    for (const char* reason : {"ErrImagePull", "InvalidImageName"}) {
      EXPECT_NE(advice_of(step, reason).find("--stage-image"), std::string::npos) << step;
      EXPECT_EQ(advice_of(step, reason).find("spec.image"), std::string::npos) << step;
    }
  }
  EXPECT_NE(advice_of("stage", "ErrImagePull").find("spec.image"), std::string::npos);
  EXPECT_NE(advice_of("step-own", "ErrImagePull").find("spec.image"), std::string::npos);
  EXPECT_NE(advice_of("check-own", "ErrImagePull").find("spec.image"), std::string::npos);
}

TEST(PublishOutcome, IsOfTheRepositoryThatWasAskedForWhateverTheKubeletNames) {
  PodRecord pod = failed_pod("stage", 0, "Completed", "");
  Published result;
  result.image_digest = "mirror.local/elsewhere@sha256:11";
  for (const auto& [image, told] : std::map<std::string, std::string>{
           {"registry/ws:1", "registry/ws@sha256:11"},
           {"registry:5000/team/ws:1", "registry:5000/team/ws@sha256:11"},
           {"registry:5000/ws", "registry:5000/ws@sha256:11"},
           {"ws:1", "ws@sha256:11"},
           {"", "mirror.local/elsewhere@sha256:11"},
       }) {
    pod.storage.make().image = image;
    EXPECT_EQ(release_of(pod, result).image_digest, told) << image;
  }
  result.image_digest = "";
  EXPECT_EQ(release_of(pod, result).image_digest, "") << "the kubelet knew none";
  pod.storage.make().image = "registry/ws:1";
  pod.storage.make().image_digest = "registry/ws@sha256:11";
  EXPECT_EQ(release_of(pod, result).image_digest, "registry/ws@sha256:11");
}

TEST(PublishOutcome, GoesWellUntilItEndsIsInTroubleOrSlow) {
  PodRecord pod;
  pod.phase = PodPhase::running;
  pod.created = second(7);
  EXPECT_TRUE(goes_well(pod, second(126)));
  EXPECT_FALSE(goes_well(pod, second(127)));
  PodRecord over = failed_pod("stage", 0, "Completed", "");
  EXPECT_FALSE(goes_well(over, second(8)));
  PodRecord waits = pod;
  waits.init_containers.emplace_back().waiting.make().reason = "ImagePullBackOff";
  EXPECT_FALSE(goes_well(waits, second(8)));
  pod.deleting = true;
  EXPECT_FALSE(goes_well(pod, second(8)));
}

TEST(PublishOutcome, KnowsTheStepThatAPodIsAt) {
  PodRecord pod = failed_pod("stage", 0, "Completed", "");
  EXPECT_EQ(current_step(pod), "");
  pod.containers.emplace_back().name = "publish";
  EXPECT_EQ(current_step(pod), "publish");
}

}  // namespace
}  // namespace atelier::reconcile
