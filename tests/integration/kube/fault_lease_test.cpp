#include "atelier/kube/lease.h"
#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using std::chrono::seconds;
namespace fault = testing::fault;

class LeasesOverABadNetwork : public testing::FaultyCluster {
 protected:
  struct Candidate {
    std::unique_ptr<http::CurlPort> port;
    std::unique_ptr<Lease> lease;
    bool acquired = false;
    bool lost = false;
  };
  std::unique_ptr<Candidate> candidate(const std::string& identity, const http::Endpoint& endpoint) {
    auto made = std::make_unique<Candidate>();
    made->port = std::make_unique<http::CurlPort>(loop_, endpoint, "atelier-test");
    Lease::Events events;
    events.acquired = [who = made.get()] { who->acquired = true; };
    events.lost = [who = made.get()] { who->lost = true; };
    made->lease = std::make_unique<Lease>(key("leader"), identity, times_, *made->port, loop_, random_, events);
    made->lease->start();
    return made;
  }
  std::unique_ptr<Candidate> leader_behind_the_proxy() {
    auto made = candidate("a", proxy_->endpoint());
    EXPECT_TRUE(await([&] { return made->acquired; })) << log();
    return made;
  }
  bool may_write(const Candidate& who) { return who.lease->may_write(loop_.now()); }
  std::string holder() {
    const auto lease = ask(get(kLeases, key("leader")));
    return lease ? lease.value()["spec"].value("holderIdentity", "") : "";
  }

  LeaseTimes times_{Millis{3'000}, Millis{2'000}, Millis{300}, 1.2};
};

TEST_F(LeasesOverABadNetwork, AreLostAtTheirDeadlineWhenNothingIsAnswered) {
  const auto a = leader_behind_the_proxy();
  proxy_->on({.times = testing::kAlways}, fault::Swallow{});
  const SteadyTime deadline = a->lease->deadline();
  ASSERT_TRUE(await([&] { return a->lost || loop_.now() >= deadline; }));
  EXPECT_FALSE(may_write(*a));
  // A request's own time-out would let it wait for 600 ms more.
  EXPECT_TRUE(await([&] { return a->lost; }, Millis{400})) << log();
}

TEST_F(LeasesOverABadNetwork, OutliveAnswersThatAreLostAndWritesThatComeTwice) {
  const auto a = leader_behind_the_proxy();
  proxy_->on({.method = "PATCH"}, fault::Cut{});  // libcurl tries again
  proxy_->on({.method = "PATCH", .from = 4, .times = 2}, fault::Cut{});
  const auto twice = proxy_->on({.method = "PATCH", .from = 7}, fault::Duplicate{});
  const SteadyTime deadline = a->lease->deadline();
  EXPECT_TRUE(await([&] { return a->lost || (twice->seen > 8 && a->lease->deadline() > deadline); })) << log();
  EXPECT_FALSE(a->lost) << log();
  EXPECT_EQ(holder(), "a");
  EXPECT_EQ(ask(get(kLeases, key("leader"))).value()["spec"]["leaseTransitions"], 0);
}

TEST_F(LeasesOverABadNetwork, NeverLetTwoWrite) {
  const auto a = leader_behind_the_proxy();
  const auto b = candidate("b", config_.endpoint);
  proxy_->on({.times = testing::kAlways}, fault::Swallow{});
  bool two = false;
  ASSERT_TRUE(await([&] {
    two = two || (may_write(*a) && may_write(*b));
    return b->acquired;
  }));
  EXPECT_FALSE(two);
  EXPECT_TRUE(a->lost);
  EXPECT_EQ(holder(), "b");
}

TEST_F(LeasesOverABadNetwork, RefuseARenewalThatComesTooLate) {
  const auto late = proxy_->on({.method = "PATCH"}, fault::DelayRequest{seconds{5}});
  proxy_->on({.from = 3, .times = testing::kAlways}, fault::Swallow{});  // after GET and POST
  const auto a = leader_behind_the_proxy();
  const auto b = candidate("b", config_.endpoint);
  ASSERT_TRUE(await([&] { return b->acquired; }));
  EXPECT_TRUE(a->lost);
  ASSERT_EQ(late->applied, 1U);
  const auto entry = [&] { return testing::to_string(proxy_->log().at(2)); };
  ASSERT_TRUE(await([&] { return proxy_->log().at(2).status != 0; })) << log();
  EXPECT_EQ(proxy_->log()[2].status, 409) << entry();
  EXPECT_TRUE(may_write(*b));
  EXPECT_EQ(holder(), "b");
}

// A lease of a server whose etcd was restored: its version, or what was renewed under it, is of before.
TEST_F(LeasesOverABadNetwork, AreLostWhenTheServerGoesBackInTime) {
  for (const bool bumped : {false, true}) {
    const auto a = leader_behind_the_proxy();
    json old = ask(get(kLeases, key("leader"))).value();
    const std::size_t renewals = proxy_->requests("PATCH", "leases/leader");
    ASSERT_TRUE(await([&] { return proxy_->requests("PATCH", "leases/leader") >= renewals + 2; })) << log();
    if (bumped) old["metadata"]["resourceVersion"] = "9" + old["metadata"]["resourceVersion"].get<std::string>();
    proxy_->on({.method = "PATCH"}, fault::Answer{testing::status_answer(409, "Conflict")});
    proxy_->on({.method = "GET", .target = "leases/leader"}, fault::Answer{testing::http_answer(200, {}, old.dump())});
    EXPECT_TRUE(await([&] { return a->lost; })) << log();
    EXPECT_FALSE(may_write(*a));
    ASSERT_TRUE(ask(delete_(kLeases, key("leader"))));
  }
}

TEST_F(LeasesOverABadNetwork, AreNotTakenOverForWhatIsNoLease) {
  const auto a = candidate("a", config_.endpoint);
  ASSERT_TRUE(await([&] { return a->acquired; }));
  const std::vector<std::string> answers{"HTTP/1.1 200 OK\r\nContent-Type: app", "HTTP/1.1 200 OK\r\n\r\n",
                                         testing::http_answer(200, {}, ""), testing::http_answer(200, {}, "{}")};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    proxy_->on({.method = "GET", .from = 2 * i + 1, .times = 2}, fault::Answer{answers[i], true});
  }
  const auto b = candidate("b", proxy_->endpoint());
  ASSERT_TRUE(await([&] { return b->acquired || proxy_->requests("GET", "leases/leader") > 2 * answers.size(); }));
  EXPECT_FALSE(b->acquired) << log();
  EXPECT_EQ(proxy_->requests("PATCH", ""), 0U) << log();
  EXPECT_EQ(holder(), "a");
}

}  // namespace
}  // namespace atelier::kube
