#include "registry/ports.h"

#include <gtest/gtest.h>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::registry {
namespace {

class PortsToRegistries : public ::testing::Test {
 protected:
  struct Counted final : http::Port {
    explicit Counted(int& alive_in) : alive(alive_in) { ++alive; }
    ~Counted() override { --alive; }
    std::unique_ptr<http::Call> send(http::Request, std::function<void(Result<http::Response>)>) override { return {}; }
    std::unique_ptr<http::Call> stream(http::Request, http::StreamHandler&) override { return {}; }
    int& alive;
  };
  static Origin host(int number) { return {true, "h" + std::to_string(number), 443}; }

  testing::FakeLoop loop_;
  int alive_ = 0;
  int made_ = 0;
  Ports ports_{loop_, [this](const Origin&) {
                 ++made_;
                 return std::make_unique<Counted>(alive_);
               }};
};

TEST_F(PortsToRegistries, AreOneForEachHost) {
  http::Port& port = ports_.take(host(1));
  EXPECT_EQ(&ports_.take(host(1)), &port);
  EXPECT_NE(&ports_.take(host(2)), &port);
  EXPECT_EQ(made_, 2);
}

TEST_F(PortsToRegistries, AreLetGoWhenNobodyUsesThemForAMinute) {
  ports_.take(host(1));
  ports_.take(host(1));
  ports_.take(host(2));
  ports_.give_back(host(1));
  ports_.give_back(host(2));
  loop_.advance(Ports::kIdle - Millis{1});
  EXPECT_EQ(alive_, 2);
  loop_.advance(Millis{1});
  EXPECT_EQ(alive_, 1);
  loop_.advance(Ports::kIdle);
  EXPECT_EQ(alive_, 1) << "one of its two users is still there";
  ports_.give_back(host(1));
  loop_.advance(Ports::kIdle);
  EXPECT_EQ(alive_, 0);
  EXPECT_FALSE(loop_.next()) << "and no timer runs for nothing";
}

TEST_F(PortsToRegistries, MakeRoomForOthersButNotWithinACallback) {
  for (int number = 0; number < static_cast<int>(Ports::kMost); ++number) {
    ports_.take(host(number));
    if (number > 0) ports_.give_back(host(number));
    loop_.advance(Millis{10});
  }
  ports_.take(host(1'000));
  EXPECT_EQ(ports_.size(), Ports::kMost);
  EXPECT_EQ(alive_, static_cast<int>(Ports::kMost) + 1) << "it may be the one whose callback this is";
  loop_.run_ready();
  EXPECT_EQ(alive_, static_cast<int>(Ports::kMost));
  ports_.take(host(0));
  ports_.take(host(2));
  EXPECT_EQ(made_, static_cast<int>(Ports::kMost) + 1);
  ports_.take(host(1));
  EXPECT_EQ(made_, static_cast<int>(Ports::kMost) + 2) << "the one that was idle longest went";
}

}  // namespace
}  // namespace atelier::registry
