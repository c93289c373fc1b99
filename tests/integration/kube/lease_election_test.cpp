#include "atelier/kube/lease.h"
#include "integration/kube/real_cluster.h"

namespace atelier::kube {
namespace {

class LeaseElections : public testing::RealCluster {
 protected:
  struct Candidate {
    std::unique_ptr<http::CurlPort> port;
    std::unique_ptr<Lease> lease;
    bool acquired = false;
    bool lost = false;
  };
  std::unique_ptr<Candidate> candidate(const std::string& identity) {
    auto made = std::make_unique<Candidate>();
    made->port = std::make_unique<http::CurlPort>(loop_, config_.endpoint, "atelier-test");
    Lease::Events events;
    events.acquired = [who = made.get()] { who->acquired = true; };
    events.lost = [who = made.get()] { who->lost = true; };
    made->lease = std::make_unique<Lease>(key("leader"), identity, times_, *made->port, loop_, random_, events);
    made->lease->start();
    return made;
  }
  std::string holder() {
    const auto lease = ask(get(kLeases, key("leader")));
    return lease ? lease.value()["spec"].value("holderIdentity", "") : "";
  }

  LeaseTimes times_{Millis{3'000}, Millis{2'000}, Millis{300}, 1.2};
  http::SystemRandom random_;
};

TEST_F(LeaseElections, HaveOneWinner) {
  const auto a = candidate("a");
  ASSERT_TRUE(await([&] { return a->acquired; }));
  const SteadyTime first = a->lease->deadline();
  const auto b = candidate("b");
  // What its renewals alone prolonged is longer than the lease.
  ASSERT_TRUE(await([&] { return b->acquired || a->lease->deadline() > first + times_.duration + Millis{1'000}; }));
  EXPECT_FALSE(b->acquired);
  EXPECT_TRUE(a->lease->may_write(loop_.now()));
  EXPECT_FALSE(b->lease->may_write(loop_.now()));
  EXPECT_FALSE(a->lost);
  EXPECT_EQ(holder(), "a");
}

TEST_F(LeaseElections, PassAReleasedLeaseOnAtOnce) {
  const auto a = candidate("a");
  ASSERT_TRUE(await([&] { return a->acquired; }));
  const auto b = candidate("b");
  bool released = false;
  a->lease->release([&] { released = true; });
  ASSERT_TRUE(await([&] { return released; }));
  EXPECT_TRUE(await([&] { return b->acquired; }, Millis{1'500}));
  EXPECT_EQ(holder(), "b");
}

TEST_F(LeaseElections, PassADeadHoldersLeaseOnAfterItsDuration) {
  auto a = candidate("a");
  ASSERT_TRUE(await([&] { return a->acquired; }));
  const auto b = candidate("b");
  a.reset();  // it dies without a word
  const SteadyTime died = loop_.now();
  EXPECT_TRUE(await([&] { return b->acquired; }));
  EXPECT_GE(loop_.now() - died, Millis{2'500});
}

TEST_F(LeaseElections, EndForAHolderThatWasRobbed) {
  const auto a = candidate("a");
  ASSERT_TRUE(await([&] { return a->acquired; }));
  ASSERT_TRUE(ask(merge_patch(kLeases, key("leader"), {{"spec", {{"holderIdentity", "thief"}}}})));
  EXPECT_TRUE(await([&] { return a->lost; }));
  EXPECT_FALSE(a->lease->may_write(loop_.now()));
}

}  // namespace
}  // namespace atelier::kube
