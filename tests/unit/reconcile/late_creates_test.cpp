#include "reconcile/late_creates.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"

namespace atelier::reconcile {
namespace {

const ObjectKey kPod{"team-a", "p"};

struct Late {
  void answer(const std::string& id, Errc code) {
    kube::Feedback feedback;
    feedback.results.emplace(id, Error{code, "why"});
    creates.learn("team-a", feedback);
  }
  Millis wait() const {
    EXPECT_EQ(creates.any(), creates.wait(kPod) > Millis{0});
    return creates.wait(kPod);
  }

  atelier::testing::FakeLoop loop;
  LateCreates creates{loop};
};

TEST(LateCreates, NoneCanComeOfWhatWasDecided) {
  Late late;
  for (const Errc code : {Errc::already_exists, Errc::forbidden, Errc::invalid, Errc::throttled, Errc::not_found}) {
    late.answer("create pod p", code);
  }
  kube::Feedback made;
  made.results.emplace("create pod p", nlohmann::json::object());
  late.creates.learn("team-a", made);
  EXPECT_EQ(late.wait(), Millis{0});
}

TEST(LateCreates, OneThatWasNotAnsweredMayComeForNinetySeconds) {
  for (const Errc code : {Errc::transport, Errc::server, Errc::cancelled}) {
    Late late;
    late.answer("create pod p", code);
    EXPECT_GT(late.wait(), Millis{89'000});
    EXPECT_EQ(late.creates.wait({"team-a", "other"}), Millis{0});
    EXPECT_EQ(late.creates.wait({"team-b", "p"}), Millis{0});
    late.loop.advance(late.wait());
    EXPECT_EQ(late.wait(), Millis{0});
  }
}

TEST(LateCreates, EachTryMayComeForItself) {
  Late late;
  late.answer("create pod p", Errc::transport);
  late.loop.advance(Millis{60'000});
  late.answer("create pod p", Errc::transport);
  late.answer("create pod p", Errc::already_exists);
  late.loop.advance(Millis{60'000});
  EXPECT_GT(late.wait(), Millis{0});
}

TEST(LateCreates, OtherWritesAreNoCreates) {
  Late late;
  late.answer("delete pod p", Errc::transport);
  late.answer("write status", Errc::transport);
  EXPECT_EQ(late.wait(), Millis{0});
}

TEST(LateCreates, ThoseOfAFormerLeaderMayBeOfAnyPod) {
  Late late;
  EXPECT_EQ(late.wait(), Millis{0});
  late.creates.took_over();
  EXPECT_GT(late.wait(), Millis{89'000});
  late.loop.advance(Millis{89'000});
  EXPECT_GT(late.wait(), Millis{0});
  late.loop.advance(late.wait());
  EXPECT_EQ(late.wait(), Millis{0});
}

}  // namespace
}  // namespace atelier::reconcile
