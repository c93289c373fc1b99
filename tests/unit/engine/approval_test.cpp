#include "atelier/engine/approval.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace atelier::engine {
namespace {

using State = ApprovalState;

WallTime at(int seconds) { return WallTime{std::chrono::seconds{seconds}}; }

class Approvals : public ::testing::Test {
 protected:
  GivenApproval& give(const std::string& user, const std::string& decision = "Approve") {
    GivenApproval one;
    one.name = "a" + std::to_string(given_.size());
    one.created = at(static_cast<int>(200 + given_.size()));
    one.spec = {{run_.name, run_.uid}, task_.name, decision, user, ""};
    return given_.emplace_back(one);
  }
  ApprovalJudgement judge() const { return judge_approval(task_, run_, given_, guard_); }
  void expect(State state, const std::string& words) {
    EXPECT_EQ(judge().state, state) << judge().words;
    EXPECT_EQ(judge().words, words);
  }

  ApprovalTask task_{"release", 1};
  ApprovedRun run_{"orders-1", Uid{"uid-1"}, "alice", at(100)};
  ApprovalGuard guard_{ApprovalGuard::State::in_force, "", at(50)};
  std::vector<GivenApproval> given_;
};

TEST_F(Approvals, WaitWhileThereIsNone) { expect(State::waiting, "0 of 1 approvals"); }

TEST_F(Approvals, ApproveWhenThereAreEnough) {
  task_.count = 2;
  give("bob");
  expect(State::waiting, "1 of 2 approvals: bob");
  give("carol");
  expect(State::approved, "approved by bob, carol");
}

TEST_F(Approvals, OfOneUserCountOnce) {
  task_.count = 2;
  give("bob");
  give("bob");
  expect(State::waiting, "1 of 2 approvals: bob");
}

TEST_F(Approvals, OfTheAuthorDoNotCount) {
  give("alice");
  expect(State::waiting, "0 of 1 approvals; alice started the run, so their own word does not count");
  given_[0].spec.decision = "Reject";
  EXPECT_EQ(judge().state, State::waiting) << "whoever started it may cancel it";
}

TEST_F(Approvals, RejectByOneEvenAfterEnoughApproved) {
  give("bob");
  give("carol", "Reject").spec.comment = "wrong quarter";
  expect(State::rejected, "rejected by carol: wrong quarter");
}

TEST_F(Approvals, AndARejectionOfTheSameUserReject) {
  give("bob");
  give("bob", "Reject");
  expect(State::rejected, "rejected by bob");
}

TEST_F(Approvals, OfAnotherRunOrTaskDoNotCount) {
  give("bob").spec.run.uid = Uid{"uid-0"};
  give("bob").spec.run.name = "orders-2";
  give("bob").spec.task = "load";
  expect(State::waiting, "0 of 1 approvals");
}

TEST_F(Approvals, OfBeforeThePolicyDoNotCount) {
  give("bob").created = at(49);
  give("carol", "Reject").created = at(49);
  expect(State::waiting, "0 of 1 approvals; 2 from before the admission policy cannot count");
  given_[0].created = guard_.since;
  expect(State::approved, "approved by bob");
}

TEST_F(Approvals, AreRefusedWithoutThePolicy) {
  give("bob");
  guard_ = {ApprovalGuard::State::absent, "there is no policy", {}};
  expect(State::refused, "approvals are refused: there is no policy");
}

TEST_F(Approvals, WaitWhileNothingIsKnownOfThePolicy) {
  give("bob");
  guard_ = {ApprovalGuard::State::unknown, "not read yet", {}};
  expect(State::waiting, "not read yet");
}

TEST_F(Approvals, AreRefusedForARunWithoutAuthor) {
  give("bob");
  run_.author.clear();
  expect(State::refused,
         "nobody can approve a run whose author is not known; make another with your name in spec.author");
}

TEST_F(Approvals, AreRefusedForARunOfBeforeThePolicy) {
  give("bob");
  guard_.since = at(101);
  expect(State::refused,
         "the run was made before 1970-01-01T00:01:41Z, when the admission policy took effect, so its author may be "
         "forged; make another run");
  guard_.since = run_.created;
  EXPECT_EQ(judge().state, State::approved);
}

TEST_F(Approvals, ACountOfNoneIsOne) {
  task_.count = 0;
  expect(State::waiting, "0 of 1 approvals");
}

TEST_F(Approvals, ComeToTheSameInAnyOrder) {
  task_.count = 5;
  for (const char* user : {"eve", "bob", "dan", "carol", "alice", "bob"}) give(user);
  given_[1].created = given_[0].created;  // names decide
  const ApprovalJudgement judged = judge();
  EXPECT_EQ(judged.words,
            "4 of 5 approvals: eve, bob, dan and 1 more; alice started the run, so their own word does not count");
  std::reverse(given_.begin(), given_.end());
  EXPECT_EQ(judge(), judged);
  GivenApproval& oldest = give("frank", "Reject");
  oldest.created = at(150);
  oldest.name = "z";
  give("grace", "Reject");
  std::reverse(given_.begin(), given_.end());
  expect(State::rejected, "rejected by frank");
}

}  // namespace
}  // namespace atelier::engine
