// A workspace whose image is followed: what is chosen is in status before anything is made of it, and stays through all
// that a registry may say.
#include <gtest/gtest.h>

#include "unit/reconcile/following_world.h"

namespace atelier::reconcile {
namespace {

using atelier::testing::digest;
using testing::followed;
using testing::Following;
using testing::holds;
using testing::message;
using testing::ready_message;
using testing::ready_reason;
using testing::second;
using testing::tells;

const std::string kRepository = "registry/ws";

TEST(WorkspaceFollow, PublishesNothingBeforeTheRegistryHasAnswered) {
  Following world;
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False WaitsForImage");
  EXPECT_EQ(followed(decision), "Unknown WaitsForImage");
  EXPECT_FALSE(decision.create_pod);
  EXPECT_TRUE(decision.notes.empty()) << "nobody needs to look";
  world.commit(decision);
  EXPECT_EQ(world.decide().status, world.workspace.status) << "nothing more is said while nothing changes";
}

TEST(WorkspaceFollow, WritesWhatWasChosenBeforeAPodIsMadeOfIt) {
  Following world;
  world.answers("1.2.3", '1');
  const auto chosen = world.decide();
  EXPECT_FALSE(chosen.create_pod);
  ASSERT_TRUE(chosen.status.image);
  EXPECT_EQ(*chosen.status.image, (api::ChosenImage{kRepository, "1.2.3", digest('1'), "semver \"^1\"", world.now}));
  EXPECT_EQ(chosen.status.sequence_offset, 1);
  EXPECT_EQ(followed(chosen), "True Following");
  EXPECT_TRUE(tells(chosen, "ImageChosen"));

  world.commit(chosen);
  const auto start = world.decide();
  ASSERT_TRUE(start.create_pod);
  EXPECT_EQ((*start.create_pod)["spec"]["initContainers"][1]["image"], kRepository + "@" + digest('1'));
  EXPECT_EQ(ready_message(start), "publishes registry/ws:1.2.3");
  EXPECT_EQ(world.sequence(), "4") << "the generation and one image";
}

TEST(WorkspaceFollow, RollsToTheNextImageAndComesToRest) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  EXPECT_EQ(world.workspace.status.release->image, "registry/ws:1.2.3");
  world.answers("1.3.0", '2');
  const auto chosen = world.decide();
  EXPECT_EQ(ready_reason(chosen), "True Published") << "the former is live until then";
  EXPECT_FALSE(chosen.create_pod);
  world.commit(chosen);
  EXPECT_TRUE(world.decide().create_pod);
  world.live("1.3.0", '2', "222222222222bbbb");
  EXPECT_EQ(world.workspace.status.release->id, "222222222222bbbb");
  EXPECT_EQ(world.sequence(), "5");
  world.now = second(5'000);
  const auto rest = world.decide();
  EXPECT_EQ(rest.status, world.workspace.status) << "the same answer is no news";
  EXPECT_FALSE(rest.create_pod || rest.wake_at || !rest.notes.empty());
}

TEST(WorkspaceFollow, MakesNothingOfTheFormerImageOnceAnotherIsChosen) {
  Following world;
  world.answers("1.2.3", '1');
  world.commit(world.decide());
  ASSERT_TRUE(world.decide().create_pod);
  world.answers("1.3.0", '2');
  const auto chosen = world.decide();
  EXPECT_FALSE(chosen.create_pod);
  EXPECT_EQ(chosen.status.image->digest, digest('2'));
}

TEST(WorkspaceFollow, PublishesNothingAnewForAnotherTagOfTheSameImage) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  const auto since = world.workspace.status.image->time;
  world.now = second(900);
  world.answers("1.2.4", '1');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->tag, "1.2.4");
  EXPECT_EQ(world.workspace.status.image->time, since);
  EXPECT_EQ(world.workspace.status.sequence_offset, 1);
  EXPECT_FALSE(world.decide().create_pod);
  EXPECT_EQ(ready_reason(world.decide()), "True Published");
}

TEST(WorkspaceFollow, LetsAPublishEndThatGoesWell) {
  Following world;
  world.rule() = {};
  world.rule().tag = "main";
  world.answers("main", '1');
  world.commit(world.decide());
  world.publish_pod();
  world.commit(world.decide());
  world.answers("main", '2');
  const auto waits = world.decide();
  EXPECT_EQ(waits.status, world.workspace.status);
  EXPECT_FALSE(waits.delete_pod || !waits.notes.empty());
  EXPECT_EQ(waits.wake_at, second(210)) << "slow, it is replaced";
  auto taken = [&] { return world.decide().status.image->digest == digest('2'); };
  world.now = second(210);
  EXPECT_TRUE(taken());
  world.now = second(100);
  world.pod->deleting = true;
  EXPECT_TRUE(taken());
  world.pod_waits("stage");
  EXPECT_TRUE(taken()) << "its image cannot be pulled";
  world.publish_pod().storage.make().input_hash = "former";
  EXPECT_TRUE(taken());
  world.publish_pod().storage.make().workspace_uid = Uid{"another"};
  EXPECT_TRUE(taken());
  world.pod_publishes("111111111111aaaa");
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->digest, digest('2'));
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.release->id, "111111111111aaaa") << "it went live nevertheless";
}

TEST(WorkspaceFollow, SaysThatNothingIsAskedWhileTheWorkspaceIsNotAdmitted) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.domain.spec.workspace_namespaces.clear();
  world.followed = {};
  const auto refused = world.decide();
  EXPECT_EQ("Unknown " + ready_reason(refused).substr(6), followed(refused));
  EXPECT_TRUE(holds(message(refused), ready_message(refused)));
  EXPECT_EQ(refused.notes.size(), 1U) << "one Event, not one for each condition";
  EXPECT_EQ(refused.status.image, world.workspace.status.image) << "it may come back";
  world.commit(refused);
  EXPECT_EQ(world.decide().status, world.workspace.status);
  world.domain.spec.workspace_namespaces = {"team-a"};
  EXPECT_EQ(followed(world.decide()), "Unknown WaitsForImage") << "not what it said of another time";
  world.domain.spec.workspace_namespaces.clear();
  world.workspace.spec.image.follow.reset();
  world.workspace.spec.image.tag = "1";
  EXPECT_EQ(followed(world.decide()), "(none)");
  EXPECT_FALSE(world.decide().status.image);
}

TEST(WorkspaceFollow, FollowsATagWhereverItMoves) {
  Following world;
  world.rule() = {};
  world.rule().tag = "main";
  world.live("main", '1', "111111111111aaaa");
  world.answers("main", '2');
  world.commit(world.decide());
  EXPECT_EQ(world.workspace.status.image->digest, digest('2'));
  EXPECT_TRUE(world.decide().create_pod);
  world.answers("other", '3');
  EXPECT_EQ(followed(world.decide()), "False RegistryAnswerInvalid") << "nobody asked for that";
}

TEST(WorkspaceFollow, TakesNoAnswerThatIsNoImage) {
  Following world;
  for (const char* bad : {"", "sha256:12", "latest", "sha256:../../../etc"}) {
    world.followed.answer = registry::Found{"1.2.3", bad};
    EXPECT_EQ(followed(world.decide()), "False RegistryAnswerInvalid") << bad;
    EXPECT_FALSE(world.decide().status.image);
  }
  world.followed.answer = registry::Found{"1.2.3 --privileged", digest('1')};
  EXPECT_EQ(followed(world.decide()), "False RegistryAnswerInvalid");
}

TEST(WorkspaceFollow, KeepsWhatIsLiveWhateverTheRegistrySays) {
  struct Case {
    Errc code;
    const char* reason;
  };
  for (const Case one : {Case{Errc::not_found, "NoSuchTag"}, Case{Errc::unauthorized, "RegistryUnauthorized"},
                         Case{Errc::forbidden, "RegistryUnauthorized"}, Case{Errc::throttled, "RegistryThrottled"},
                         Case{Errc::transport, "RegistryUnreachable"}, Case{Errc::server, "RegistryUnreachable"},
                         Case{Errc::invalid, "RegistryAnswerInvalid"}}) {
    Following world;
    world.live("1.2.3", '1', "111111111111aaaa");
    world.answers(one.code, "the registry has words");
    world.followed.failing_since = second(100);
    world.now = second(100 + 121);
    const auto decision = world.decide();
    EXPECT_EQ(followed(decision), std::string("False ") + one.reason);
    EXPECT_TRUE(holds(message(decision), "the registry has words")) << message(decision);
    EXPECT_TRUE(holds(message(decision), "registry/ws:1.2.3 stays")) << message(decision);
    EXPECT_EQ(ready_reason(decision), "True Published");
    EXPECT_FALSE(decision.create_pod);
    EXPECT_EQ(decision.status.image, world.workspace.status.image);
    EXPECT_TRUE(tells(decision, one.reason));
    world.commit(decision);
    EXPECT_TRUE(world.decide().notes.empty());
  }
}

TEST(WorkspaceFollow, TellsOfTroubleThatPassesOnceItLasts) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.answers(Errc::transport, "connection refused");
  world.followed.failing_since = second(1'000);
  world.now = second(1'119);
  const auto patient = world.decide();
  EXPECT_EQ(patient.status, world.workspace.status);
  EXPECT_EQ(patient.wake_at, second(1'120)) << "two intervals";
  world.now = second(1'120);
  const auto told = world.decide();
  EXPECT_EQ(followed(told), "False RegistryUnreachable");
  EXPECT_TRUE(holds(message(told), "since 1970-01-01T00:16:40Z")) << message(told);
  world.commit(told);
  world.answers(Errc::server, "502");
  world.followed.failing_since = second(1'119);  // of another process
  EXPECT_EQ(world.decide().status, world.workspace.status) << "other words for the same are not written";
  world.answers("1.2.3", '1');
  EXPECT_EQ(followed(world.decide()), "True Following");
}

TEST(WorkspaceFollow, SaysOneThingOfARegistryThatIsAwayNowAndThen) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.answers("1.2.3", '2');
  world.commit(world.decide());
  world.answers(Errc::transport, "connection refused");
  world.followed.failing_since = second(1'000);
  world.now = second(1'119);
  EXPECT_EQ(followed(world.decide()), "False TagMutated") << "it is so still";
  EXPECT_EQ(world.decide().wake_at, second(1'120));
  world.now = second(1'120);
  world.commit(world.decide());
  ASSERT_EQ(followed(world.decide()), "False RegistryUnreachable");
  world.answers(Errc::throttled, "429");
  EXPECT_EQ(world.decide().status, world.workspace.status) << "one kind of trouble for another is no news";
}

TEST(WorkspaceFollow, TellsOfItAtOnceWhereNothingIsLive) {
  Following world;
  world.answers(Errc::transport, "connection refused");
  world.followed.failing_since = world.now;
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False RegistryUnreachable");
  EXPECT_EQ(ready_reason(decision), "False WaitsForImage");
  EXPECT_TRUE(holds(ready_message(decision), "connection refused"));
  EXPECT_EQ(decision.notes.size(), 1U) << "one Event, not one for each condition";
}

TEST(WorkspaceFollow, SaysWhatItKnowsInANewProcessUntilTheRegistryAnswers) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.followed = {};
  EXPECT_EQ(world.decide().status, world.workspace.status);
  world.edit();
  const auto edited = world.decide();
  EXPECT_EQ(followed(edited), "True Following");
  EXPECT_EQ(meta::find_condition(edited.status.conditions, "ImageFollowed")->observed_generation, 4);
}

TEST(WorkspaceFollow, StaysWithWhatWasChosenWhileItIsSuspended) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.rule().suspend = true;
  world.followed = {};
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False Suspended");
  EXPECT_EQ(ready_reason(decision), "True Published");
  ASSERT_EQ(decision.notes.size(), 1U);
  EXPECT_FALSE(decision.notes[0].warning);
  world.commit(decision);
  world.rule().semver = "^2";
  EXPECT_EQ(ready_reason(world.decide()), "True Published") << "whatever the rule says";
  world.rule().suspend = false;
  EXPECT_EQ(followed(world.decide()), "Unknown WaitsForImage");
}

TEST(WorkspaceFollow, WaitsForSomebodyWhereItIsSuspendedBeforeAnythingWasChosen) {
  Following world;
  world.rule().suspend = true;
  const auto decision = world.decide();
  EXPECT_EQ(ready_reason(decision), "False WaitsForImage");
  EXPECT_NE(meta::find_condition(decision.status.conditions, "Stalled"), nullptr);
  EXPECT_TRUE(holds(ready_message(decision), "spec.image.follow.suspend"));
}

TEST(WorkspaceFollow, IsPinnedByADigestInItsPlace) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.workspace.spec.image.follow.reset();
  world.workspace.spec.image.digest = digest('1');
  world.followed = {};
  world.edit();
  const auto pinned = world.decide();
  EXPECT_FALSE(pinned.create_pod) << "it is what is live";
  EXPECT_EQ(followed(pinned), "(none)");
  EXPECT_FALSE(pinned.status.image);
  EXPECT_EQ(pinned.status.sequence_offset, 1) << "a number never falls";
}

TEST(WorkspaceFollow, WaitsForTheImageOfAnotherRuleOrRepository) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.followed = {};
  world.edit();
  world.rule().semver = "^2";
  world.workspace.spec.dags.path = "/other";
  const auto waits = world.decide();
  EXPECT_FALSE(waits.create_pod) << "nobody asked for this image with that path";
  EXPECT_EQ(ready_reason(waits), "False WaitsForImage");
  EXPECT_TRUE(holds(ready_message(waits), "release 111111111111 stays live"));
  world.commit(waits);
  world.answers("2.0.0", '2');
  world.commit(world.decide());
  EXPECT_TRUE(world.decide().create_pod);
}

TEST(WorkspaceFollow, RecordsWhatAPodPublishedWhileItWaits) {
  Following world;
  world.answers("1.2.3", '1');
  world.commit(world.decide());
  world.pod_publishes("111111111111aaaa");
  world.workspace.spec.image.repository = "registry/other";
  world.followed = {};
  const auto decision = world.decide();
  EXPECT_EQ(decision.status.release->id, "111111111111aaaa");
  EXPECT_EQ(ready_reason(decision), "False WaitsForImage");
}

TEST(WorkspaceFollow, GoesBackToAReleaseWithoutAnImage) {
  Following world;
  world.workspace.spec.dags.release = "111111111111";
  const auto decision = world.decide();
  ASSERT_TRUE(decision.create_pod);
  EXPECT_EQ(ready_message(decision), "goes back to release 111111111111");
}

TEST(WorkspaceFollow, SaysWhyThereAreNoCredentials) {
  Following world;
  world.live("1.2.3", '1', "111111111111aaaa");
  world.followed = {};
  world.followed.credentials = Refusal{"CredentialsNotGranted", "the operator may not read it"};
  const auto decision = world.decide();
  EXPECT_EQ(followed(decision), "False CredentialsNotGranted");
  EXPECT_EQ(message(decision), "the operator may not read it; registry/ws:1.2.3 stays");
  EXPECT_EQ(ready_reason(decision), "True Published");
}

TEST(WorkspaceFollow, OnlyThoseWhoAreAdmittedHaveTheOperatorAsk) {
  Following world;
  EXPECT_TRUE(may_ask(world.workspace, &world.domain, &world.tenant));
  EXPECT_FALSE(may_ask(world.workspace, nullptr, &world.tenant));
  EXPECT_FALSE(may_ask(world.workspace, &world.domain, nullptr));
  world.rule().semver = "no version";
  EXPECT_FALSE(may_ask(world.workspace, &world.domain, &world.tenant));
  world.rule().semver = "^1";
  world.rule().suspend = true;
  EXPECT_FALSE(may_ask(world.workspace, &world.domain, &world.tenant));
  world.rule().suspend = false;
  world.domain.spec.workspace_namespaces.clear();
  EXPECT_FALSE(may_ask(world.workspace, &world.domain, &world.tenant));
}

}  // namespace
}  // namespace atelier::reconcile
