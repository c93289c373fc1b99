#include "atelier/kube/lease_fsm.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"

namespace atelier::kube {
namespace {

std::string text(const LeaseFsm::Action& action) {
  if (std::holds_alternative<LeaseFsm::Read>(action)) return "read";
  if (const auto* create = std::get_if<LeaseFsm::Create>(&action)) return "create for " + create->record.holder;
  if (const auto* update = std::get_if<LeaseFsm::Update>(&action)) {
    const LeaseRecord& record = update->record;
    return "update at " + record.resource_version + " for " + (record.holder.empty() ? "nobody" : record.holder) +
           ", transition " + std::to_string(record.transitions);
  }
  if (const auto* wait = std::get_if<LeaseFsm::Wait>(&action)) return "wait " + std::to_string(wait->delay.count());
  if (const auto* back = std::get_if<LeaseFsm::WentBack>(&action))
    return "back from " + back->seen + " to " + back->found;
  return std::holds_alternative<LeaseFsm::Lost>(action) ? "lost" : "done";
}

LeaseRecord held_by(std::string holder, std::string version, std::int64_t transitions = 3) {
  LeaseRecord record;
  record.holder = std::move(holder);
  record.duration_seconds = 15;
  record.transitions = transitions;
  record.resource_version = std::move(version);
  return record;
}

class LeaseMachine : public ::testing::Test {
 protected:
  void pass(int millis) { now_ += Millis{millis}; }
  std::string read(LeaseRecord record) { return text(fsm_.was_read(now_, WallTime{}, std::move(record))); }
  std::string read_failed(Errc code) { return text(fsm_.was_read(now_, WallTime{}, Error{code, "x"})); }
  std::string written(LeaseRecord record) { return text(fsm_.was_written(now_, std::move(record))); }
  std::string write_failed(Errc code) { return text(fsm_.was_written(now_, Error{code, "x"})); }
  std::string waited() { return text(fsm_.waited(now_, WallTime{})); }
  void lead() {
    fsm_.start();
    read_failed(Errc::not_found);
    written(held_by("me", "1", 0));
  }

  testing::FakeRandom random_;
  LeaseFsm fsm_{"me", LeaseTimes{}, random_};
  SteadyTime now_{std::chrono::hours{1}};
};

TEST_F(LeaseMachine, CreatesALeaseThatIsNotThere) {
  EXPECT_EQ(text(fsm_.start()), "read");
  EXPECT_EQ(read_failed(Errc::not_found), "create for me");
  EXPECT_FALSE(fsm_.leading());
  EXPECT_EQ(written(held_by("me", "1")), "wait 2000");
  EXPECT_TRUE(fsm_.may_write(now_));
}

TEST_F(LeaseMachine, LosesTheRaceToCreateIt) {
  fsm_.start();
  read_failed(Errc::not_found);
  EXPECT_EQ(write_failed(Errc::already_exists), "read");
  EXPECT_EQ(read(held_by("other", "1")), "wait 2000");
}

TEST_F(LeaseMachine, TakesOverOnlyWhatItHasItselfSeenUnchangedForTheDuration) {
  fsm_.start();
  EXPECT_EQ(read(held_by("other", "1")), "wait 2000");
  pass(14'999);
  waited();
  EXPECT_EQ(read(held_by("other", "1")), "wait 2000");
  pass(1);
  waited();
  EXPECT_EQ(read(held_by("other", "1")), "update at 1 for me, transition 4");
}

TEST_F(LeaseMachine, StartsCountingAnewWhenTheHolderRenews) {
  fsm_.start();
  read(held_by("other", "1"));
  pass(14'000);
  waited();
  read(held_by("other", "2"));
  pass(14'000);
  waited();
  EXPECT_EQ(read(held_by("other", "2")), "wait 2000");
}

TEST_F(LeaseMachine, TakesAReleasedLeaseAtOnce) {
  fsm_.start();
  EXPECT_EQ(read(held_by("", "7")), "update at 7 for me, transition 4");
}

TEST_F(LeaseMachine, RenewsEveryTwoSecondsWithoutReading) {
  lead();
  pass(2'000);
  EXPECT_EQ(waited(), "update at 1 for me, transition 0");
  EXPECT_EQ(written(held_by("me", "2", 0)), "wait 2000");
}

TEST_F(LeaseMachine, CountsTheDeadlineFromWhenTheRenewalWasSent) {
  lead();
  pass(2'000);
  const SteadyTime sent = now_;
  waited();
  pass(4'000);
  written(held_by("me", "2", 0));
  EXPECT_EQ(fsm_.deadline(), sent + Millis{10'000});
}

TEST_F(LeaseMachine, LosesWhatItCannotRenewForTenSeconds) {
  lead();
  pass(2'000);
  waited();
  pass(5'000);
  EXPECT_EQ(write_failed(Errc::transport), "wait 2000");
  pass(2'000);
  EXPECT_TRUE(fsm_.may_write(now_));
  EXPECT_EQ(waited(), "read");  // the write may have been applied
  EXPECT_EQ(read_failed(Errc::transport), "wait 1000");
  pass(1'000);
  EXPECT_FALSE(fsm_.may_write(now_));
  EXPECT_EQ(waited(), "lost");
  EXPECT_FALSE(fsm_.leading());
}

TEST_F(LeaseMachine, GoesOnWhenARenewalWithoutAnAnswerWasApplied) {
  lead();
  pass(2'000);
  waited();
  write_failed(Errc::transport);
  pass(2'000);
  EXPECT_EQ(waited(), "read");
  EXPECT_EQ(read(held_by("me", "2", 0)), "update at 2 for me, transition 0");
}

TEST_F(LeaseMachine, LosesAtOnceWhenAnotherHasIt) {
  lead();
  pass(2'000);
  waited();
  EXPECT_EQ(write_failed(Errc::conflict), "read");
  EXPECT_EQ(read(held_by("other", "9")), "lost");
}

TEST_F(LeaseMachine, ReleasesForTheNext) {
  lead();
  EXPECT_EQ(text(fsm_.release(WallTime{})), "update at 1 for nobody, transition 0");
  EXPECT_FALSE(fsm_.may_write(now_));
  EXPECT_EQ(written(held_by("", "2", 0)), "done");
}

TEST_F(LeaseMachine, TellsTheNextThatNothingOfItCanCome) {
  lead();
  const LeaseFsm::Action action = fsm_.release(WallTime{}, true);
  EXPECT_EQ(std::get<LeaseFsm::Update>(action).record.settled, 0);
}

TEST_F(LeaseMachine, TellsTheNextAlsoWhereARenewalCameFirst) {
  lead();
  pass(2'000);
  waited();
  fsm_.release(WallTime{}, true);
  write_failed(Errc::conflict);
  const LeaseFsm::Action action = fsm_.was_read(now_, WallTime{}, held_by("me", "2", 0));
  EXPECT_EQ(std::get<LeaseFsm::Update>(action).record.settled, 0);
}

TEST_F(LeaseMachine, SaysNothingForOneWhoseClaimWasNotAnswered) {
  LeaseRecord free = held_by("", "7");
  free.settled = 3;
  fsm_.start();
  read(free);
  const LeaseFsm::Action action = fsm_.release(WallTime{}, true);
  EXPECT_EQ(std::get<LeaseFsm::Update>(action).record.settled, std::nullopt);
}

TEST_F(LeaseMachine, IsHandedOverByOneThatReleasedItSettledAndByNoOther) {
  const auto leads_after = [&](const LeaseRecord& before) {
    LeaseFsm fsm{"me", LeaseTimes{}, random_};
    fsm.start();
    fsm.was_read(now_, WallTime{}, before);
    pass(15'000);
    if (!before.holder.empty()) fsm.was_read(now_, WallTime{}, before);
    fsm.was_written(now_, held_by("me", "8", 4));
    EXPECT_TRUE(fsm.leading());
    return fsm.is_handed_over();
  };
  LeaseRecord before = held_by("", "7");
  EXPECT_FALSE(leads_after(before));
  before.settled = 3;
  EXPECT_TRUE(leads_after(before));
  before.settled = 2;
  EXPECT_FALSE(leads_after(before)) << "said by one before";
  before = held_by("other", "7");
  before.settled = 3;
  EXPECT_FALSE(leads_after(before)) << "it crashed since";
  lead();
  EXPECT_FALSE(fsm_.is_handed_over()) << "somebody may have deleted it";
}

TEST_F(LeaseMachine, StaysHandedOverWhileItIsRenewed) {
  LeaseRecord before = held_by("", "7");
  before.settled = 3;
  fsm_.start();
  read(before);
  written(held_by("me", "8", 4));
  pass(2'000);
  waited();
  written(held_by("me", "9", 4));
  EXPECT_TRUE(fsm_.is_handed_over());
}

TEST_F(LeaseMachine, ReleasesARenewalThatCameFirst) {
  lead();
  pass(2'000);
  waited();  // the renewal is under way
  EXPECT_EQ(text(fsm_.release(WallTime{})), "update at 1 for nobody, transition 0");
  EXPECT_EQ(write_failed(Errc::conflict), "read");
  EXPECT_EQ(read(held_by("me", "2", 0)), "update at 2 for nobody, transition 0");
  EXPECT_EQ(write_failed(Errc::conflict), "done") << "once is enough";
}

TEST_F(LeaseMachine, ReleasesNothingThatAnotherHolds) {
  lead();
  fsm_.release(WallTime{});
  EXPECT_EQ(write_failed(Errc::conflict), "read");
  EXPECT_EQ(read(held_by("other", "9")), "done");
}

TEST_F(LeaseMachine, DoesNotInsistOnAReleaseThatIsNotAnswered) {
  lead();
  fsm_.release(WallTime{});
  EXPECT_EQ(write_failed(Errc::transport), "done");
}

TEST_F(LeaseMachine, ReleasesAClaimThatIsUnderWay) {
  fsm_.start();
  read(held_by("", "7"));
  EXPECT_EQ(text(fsm_.release(WallTime{})), "update at 7 for nobody, transition 3");
  EXPECT_EQ(write_failed(Errc::conflict), "read");
  EXPECT_EQ(read(held_by("me", "8", 4)), "update at 8 for nobody, transition 4");
  EXPECT_EQ(written(held_by("", "9", 4)), "done");
}

TEST_F(LeaseMachine, ReleasesALeaseThatItIsAboutToCreate) {
  fsm_.start();
  read_failed(Errc::not_found);
  EXPECT_EQ(text(fsm_.release(WallTime{})), "create for ") << "either this one or the claim fails";
  EXPECT_EQ(write_failed(Errc::already_exists), "read");
  EXPECT_EQ(read(held_by("me", "1", 0)), "update at 1 for nobody, transition 0");
}

TEST_F(LeaseMachine, ReleasesAClaimThatWasNotAnswered) {
  fsm_.start();
  read(held_by("", "7"));
  write_failed(Errc::transport);
  EXPECT_EQ(text(fsm_.release(WallTime{})), "update at 7 for nobody, transition 3");
}

TEST_F(LeaseMachine, HasNothingToReleaseWhenAnotherWonItsClaim) {
  fsm_.start();
  read(held_by("", "7"));
  write_failed(Errc::conflict);
  read(held_by("other", "8"));
  EXPECT_EQ(text(fsm_.release(WallTime{})), "done");
}

TEST_F(LeaseMachine, HasNothingToReleaseWhenNotLeading) {
  fsm_.start();
  EXPECT_EQ(text(fsm_.release(WallTime{})), "done");
}

TEST_F(LeaseMachine, EndsWhenALeaderFindsAnOlderVersionThanItHasSeen) {
  lead();
  written(held_by("me", "90"));
  pass(2'000);
  waited();
  EXPECT_EQ(write_failed(Errc::conflict), "read");
  EXPECT_EQ(read(held_by("me", "80")), "back from 90 to 80");
  EXPECT_FALSE(fsm_.may_write(now_));
}

TEST_F(LeaseMachine, EndsWhenALeaseThatWasLostHasAnOlderVersionAsItIsMadeAgain) {
  lead();
  written(held_by("me", "90"));
  pass(2'000);
  waited();
  write_failed(Errc::not_found);
  pass(2'000);
  EXPECT_EQ(waited(), "read");
  EXPECT_EQ(read_failed(Errc::not_found), "create for me");
  EXPECT_EQ(written(held_by("me", "85")), "back from 90 to 85");
  EXPECT_FALSE(fsm_.leading());
}

TEST_F(LeaseMachine, EndsWhenACandidateFindsAnOlderVersionThanItHasSeen) {
  fsm_.start();
  EXPECT_EQ(read(held_by("other", "100")), "wait 2000");
  EXPECT_EQ(read(held_by("other", "100")), "wait 2000");
  EXPECT_EQ(read(held_by("other", "99")), "back from 100 to 99");
}

TEST_F(LeaseMachine, GoesOnWhereVersionsCannotBeCompared) {
  fsm_.start();
  EXPECT_EQ(read(held_by("other", "100")), "wait 2000");
  EXPECT_EQ(read(held_by("other", "v7")), "wait 2000");
  EXPECT_EQ(read(held_by("other", "5")), "wait 2000");
}

// Versions are bumped by who restores with care, so that watches notice.
TEST_F(LeaseMachine, EndsWhenItsRenewalsWereTakenBackUnderANewerVersion) {
  const auto renewed = [](int seconds, std::string version) {
    LeaseRecord record = held_by("me", std::move(version));
    record.renew_time = WallTime{std::chrono::seconds{seconds}};
    return record;
  };
  lead();
  written(renewed(100, "90"));
  pass(2'000);
  waited();
  write_failed(Errc::conflict);
  EXPECT_EQ(read(renewed(100, "95")), "update at 95 for me, transition 3") << "somebody labelled it";
  write_failed(Errc::transport);
  pass(2'000);
  waited();
  EXPECT_EQ(read(renewed(0, "97")), "update at 97 for me, transition 3") << "our own clock was set back";
  write_failed(Errc::conflict);
  EXPECT_EQ(read(renewed(-50, "1000090")), "back from 97 to 1000090");
  EXPECT_FALSE(fsm_.leading());
}

TEST(LeaseTiming, SpreadsCandidates) {
  testing::FakeRandom random{0.5};
  LeaseFsm fsm{"me", LeaseTimes{}, random};
  fsm.start();
  EXPECT_EQ(text(fsm.was_read(SteadyTime{}, WallTime{}, held_by("other", "1"))), "wait 2250");
}

TEST(LeaseTiming, LooksOftenEnoughToFollowACleanStopWithinThreeSeconds) {
  testing::FakeRandom random{0.999};
  LeaseFsm fsm{"me", LeaseTimes{}, random};
  fsm.start();
  EXPECT_EQ(text(fsm.was_read(SteadyTime{}, WallTime{}, held_by("other", "1"))), "wait 2499");
}

}  // namespace
}  // namespace atelier::kube
