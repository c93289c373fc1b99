#include "registry/http_poller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/fake_loop.h"
#include "support/scripted_port.h"

namespace atelier::registry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const std::string kOne = "sha256:" + std::string(64, '1');
const std::string kTwo = "sha256:" + std::string(64, '2');
const ObjectKey kAnn{"team-a", "ann"};
const ObjectKey kBob{"team-b", "bob"};

// Sends all that goes to any host over one scripted port.
class Forwarding final : public http::Port {
 public:
  explicit Forwarding(http::Port& to, std::function<void()> sent = [] {}) : to_(to), sent_(std::move(sent)) {}
  std::unique_ptr<http::Call> send(http::Request request, std::function<void(Result<http::Response>)> done) override {
    sent_();
    return to_.send(std::move(request), std::move(done));
  }
  std::unique_ptr<http::Call> stream(http::Request request, http::StreamHandler& handler) override {
    return to_.stream(std::move(request), handler);
  }

 private:
  http::Port& to_;
  std::function<void()> sent_;
};

class PollsOfRegistries : public ::testing::Test {
 protected:
  static Question about(const std::string& tag, const std::string& repository = "registry.local/team/app") {
    Question question;
    question.repository = repository;
    question.tag = tag;
    question.interval = seconds{60};
    return question;
  }
  void find(std::size_t index, const std::string& digest = kOne) {
    port_.reply(index, 200, "", {{"docker-content-digest", digest}});
    loop_.run_ready();
  }
  void reply(std::size_t index, int status, http::Headers headers = {}) {
    port_.reply(index, status, "", std::move(headers));
    loop_.run_ready();
  }
  std::string answer(const ObjectKey& asker) const {
    const auto known = poller_->answer(asker);
    if (!known) return "none";
    return *known ? known->value().digest : std::string(to_string(known->error().code));
  }
  std::vector<std::string> told() { return std::exchange(told_, {}); }

  testing::FakeLoop loop_;
  testing::FakeRandom random_{0.5};
  testing::ScriptedPort port_{loop_};
  std::vector<std::string> told_;
  std::map<std::string, int> results_;
  std::function<void(const ObjectKey&)> on_change_;
  std::unique_ptr<HttpPoller> poller_ = std::make_unique<HttpPoller>(
      Settings{},
      HttpPoller::Environment{loop_, random_, [this](const Origin&) { return std::make_unique<Forwarding>(port_); }},
      HttpPoller::Events{[this](const ObjectKey& asker) {
                           told_.push_back(asker.name);
                           if (on_change_) on_change_(asker);
                         },
                         [this](std::string_view result) { ++results_[std::string(result)]; }});
};

TEST_F(PollsOfRegistries, AreOneForAllWhoAskTheSame) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("1"));
  EXPECT_EQ(port_.count(), 0U) << "not within ask()";
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 1U);
  EXPECT_EQ(answer(kAnn), "none");
  find(0);
  EXPECT_EQ(told(), (std::vector<std::string>{"ann", "bob"}));
  EXPECT_EQ(answer(kBob), kOne);
  EXPECT_EQ(poller_->polls(), 1U);
}

TEST_F(PollsOfRegistries, GiveWhoComesLaterWhatIsKnown) {
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  find(0);
  told();
  poller_->ask(kBob, about("1"));
  EXPECT_EQ(answer(kBob), kOne);
  loop_.run_ready();
  EXPECT_EQ(port_.count(), 1U);
  EXPECT_TRUE(told().empty());
}

TEST_F(PollsOfRegistries, AreNotSharedWithOtherQuestions) {
  Question other = about("1");
  other.credentials = Credentials{"ann", "1"};
  poller_->ask(kAnn, other);
  other.credentials->password = "2";
  poller_->ask(kBob, other);
  other.credentials = Credentials{};
  poller_->ask({"c", "c"}, other);
  poller_->ask({"d", "d"}, about("1"));
  poller_->ask({"e", "e"}, about("2"));
  other = about("1");
  other.interval = seconds{61};
  poller_->ask({"f", "f"}, other);
  other = about("");
  other.rule = "a";
  poller_->ask({"g", "g"}, other);
  other.rule = "b";
  poller_->ask({"h", "h"}, other);
  EXPECT_EQ(poller_->polls(), 8U) << "credentials above all: who may not read it gets no answer of who may";
}

TEST_F(PollsOfRegistries, AreRepeatedAndTellOnlyWhatChanges) {
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  find(0);
  EXPECT_EQ(told().size(), 1U);
  loop_.advance(seconds{45});  // the first wait is between half of the interval and all of it
  ASSERT_EQ(port_.count(), 2U);
  find(1);
  EXPECT_TRUE(told().empty());
  loop_.advance(Millis{59'499});
  ASSERT_EQ(port_.count(), 2U);
  loop_.advance(Millis{1});
  ASSERT_EQ(port_.count(), 3U);
  find(2, kTwo);
  EXPECT_EQ(told().size(), 1U);
  EXPECT_EQ(answer(kAnn), kTwo);
  EXPECT_EQ(results_["found"], 3);
}

TEST_F(PollsOfRegistries, EndWithTheLastWhoAsks) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("1"));
  loop_.run_ready();
  poller_->forget(kAnn);
  EXPECT_FALSE(port_.cancelled(0));
  EXPECT_EQ(answer(kAnn), "none");
  poller_->forget(kBob);
  EXPECT_TRUE(port_.cancelled(0));
  EXPECT_EQ(poller_->polls(), 0U);
  loop_.advance(minutes{10});
  EXPECT_EQ(port_.count(), 1U);
  poller_->forget(kBob);
}

TEST_F(PollsOfRegistries, ChangeWithTheQuestion) {
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  find(0);
  poller_->ask(kAnn, about("1"));
  EXPECT_EQ(answer(kAnn), kOne) << "the same question again is no other";
  poller_->ask(kAnn, about("2"));
  EXPECT_EQ(answer(kAnn), "none");
  loop_.run_ready();
  EXPECT_EQ(port_.line(1), "HEAD /v2/team/app/manifests/2");
  EXPECT_EQ(poller_->polls(), 1U);
}

TEST_F(PollsOfRegistries, MayBeChangedByWhoIsToldOfAnAnswer) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("1"));
  loop_.run_ready();
  on_change_ = [this](const ObjectKey&) {
    poller_->forget(kAnn);
    poller_->ask(kBob, about("2"));
  };
  find(0);
  EXPECT_EQ(poller_->polls(), 1U);
  EXPECT_EQ(answer(kBob), "none");
}

TEST_F(PollsOfRegistries, GetSlowerWithEachFailureAndComeBack) {
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  const auto wait_after = [this](int status) {
    const std::size_t index = port_.count() - 1;
    if (status == 200) {
      find(index);
    } else {
      reply(index, status);
    }
    const SteadyTime began = loop_.now();
    while (port_.count() == index + 1) loop_.advance(seconds{1});
    return std::chrono::duration_cast<seconds>(loop_.now() - began);
  };
  std::vector<std::int64_t> waits;
  for (const int status : {500, 500, 500, 500, 500, 500, 200, 200, 404, 404})
    waits.push_back(wait_after(status).count());
  EXPECT_EQ(waits, (std::vector<std::int64_t>{60, 117, 231, 459, 573, 573, 60, 60, 60, 60}))
      << "a tag that is not there yet is no failure";
}

TEST_F(PollsOfRegistries, OfAHostWaitAsLongAsItWants) {
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  reply(0, 429, {{"retry-after", "120"}});
  EXPECT_EQ(answer(kAnn), "throttled");
  poller_->ask(kBob, about("2"));
  poller_->ask({"c", "c"}, about("1", "other.local/app"));
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 2U);
  EXPECT_EQ(port_.line(1), "HEAD /v2/app/manifests/1") << "other hosts are asked";
  loop_.advance(seconds{119});
  ASSERT_EQ(port_.count(), 2U);
  loop_.advance(seconds{1});
  EXPECT_EQ(port_.count(), 4U);
}

TEST_F(PollsOfRegistries, AreFourAtOnceForAHost) {
  for (int i = 0; i < 10; ++i) poller_->ask({"ns", std::to_string(i)}, about(std::to_string(i)));
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 4U);
  find(0);
  EXPECT_EQ(port_.count(), 5U);
  poller_->forget({"ns", "1"});
  EXPECT_EQ(port_.count(), 6U) << "who does not ask any more makes room";
  poller_->forget({"ns", "9"});
  for (std::size_t i = 2; i < 9; ++i) find(i);
  EXPECT_EQ(port_.count(), 9U);
}

TEST_F(PollsOfRegistries, OfRegistriesThatNeverAnswerDoNotHinderOthers) {
  poller_->ask({"evil", "ann"}, about("1"));
  loop_.run_ready();
  find(0);
  for (int i = 0; i < 100; ++i) {
    poller_->ask({"evil", std::to_string(i)}, about("1", "h" + std::to_string(i) + ".evil.test/app"));
  }
  loop_.run_ready();
  EXPECT_EQ(port_.count(), 1U + Places::kUntrustedOfNamespace);
  loop_.advance(seconds{45});
  EXPECT_EQ(port_.line(port_.count() - 1), "HEAD /v2/team/app/manifests/1");
  EXPECT_EQ(port_.count(), 2U + Places::kUntrustedOfNamespace);
}

// Trust is cheap: these answer at once until all of them are trusted, and then no more, in the middle of a poll.
TEST_F(PollsOfRegistries, OfRegistriesThatAreQuickFirstAndThenSlowHinderNobodyElse) {
  for (int i = 0; i < 40; ++i) {
    Question question = about("", "evil.test:" + std::to_string(i + 1) + "/app");
    question.choose = [](const std::vector<std::string>& tags) { return std::optional(tags.front()); };
    question.interval = seconds{5};
    poller_->ask({"evil", std::to_string(i)}, question);
  }
  loop_.run_ready();
  const auto answer_all = [this](const std::string& method) {
    for (std::size_t index = 0; index < port_.count(); ++index) {
      const auto open = port_.open();
      if (std::find(open.begin(), open.end(), index) == open.end() || !port_.line(index).starts_with(method)) continue;
      port_.reply(index, 200, R"({"tags":["a"]})", {{"docker-content-digest", kOne}});
      loop_.run_ready();
    }
  };
  answer_all("");
  EXPECT_EQ(results_["found"], 40);
  loop_.advance(seconds{6});
  answer_all("GET");
  EXPECT_EQ(port_.open().size(), Places::kOfNamespace) << "with one of its requests each";
  const std::size_t before = port_.count();
  poller_->ask(kAnn, about("1"));
  loop_.run_ready();
  ASSERT_EQ(port_.count(), before + 1);
  find(before);
  EXPECT_EQ(answer(kAnn), kOne);
}

TEST_F(PollsOfRegistries, KeepTheirPlaceFromTheFirstRequestToTheLast) {
  for (int i = 0; i < 10; ++i) {
    Question question = about("", "registry.local/app" + std::to_string(i));
    question.choose = [](const std::vector<std::string>& tags) { return std::optional(tags.front()); };
    poller_->ask({"n" + std::to_string(i), "a"}, question);
  }
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 4U);
  port_.reply(0, 200, R"({"tags":["a"]})");
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 5U);
  EXPECT_EQ(port_.line(4), "HEAD /v2/app0/manifests/a") << "and no list of another that would have to be kept as well";
  find(4);
  EXPECT_EQ(port_.line(5).substr(0, 3), "GET");
}

TEST_F(PollsOfRegistries, OfANamespaceDoNotWaitForAllThoseOfAnother) {
  for (int i = 0; i < 50; ++i) poller_->ask({"many", std::to_string(i)}, about(std::to_string(i)));
  poller_->ask(kAnn, about("ann"));
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 4U);
  find(0);
  find(1);
  EXPECT_EQ(port_.line(5), "HEAD /v2/team/app/manifests/ann");
}

TEST_F(PollsOfRegistries, OfOneTenantThatIsLimitedLimitNoOther) {
  const auto as = [](const std::string& user) {
    Question question = about("1");
    question.credentials = Credentials{user, "1"};
    return question;
  };
  poller_->ask(kAnn, as("ann"));
  loop_.run_ready();
  reply(0, 401, {{"www-authenticate", "Basic realm=\"x\""}});
  reply(1, 429, {{"retry-after", "120"}});
  EXPECT_EQ(answer(kAnn), "throttled");
  poller_->ask(kBob, as("bob"));
  poller_->ask({"c", "c"}, about("1"));
  loop_.run_ready();
  ASSERT_EQ(port_.count(), 4U) << "neither who has other credentials nor who has none";
  reply(3, 429, {{"retry-after", "60"}});
  poller_->ask({"d", "d"}, as("dan"));
  loop_.run_ready();
  EXPECT_EQ(port_.count(), 4U) << "but what is limited without credentials is all that comes from us";
  reply(2, 401, {{"www-authenticate", "Basic realm=\"x\""}});
  EXPECT_EQ(port_.count(), 4U);
  EXPECT_EQ(answer(kBob), "throttled");
}

TEST_F(PollsOfRegistries, LeaveAloneTheServerThatWantsItAndNotWhoNamedIt) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("2"));
  loop_.run_ready();
  const http::Headers challenge{{"www-authenticate", "Bearer realm=\"https://registry.local:5001/token\""}};
  reply(0, 401, challenge);
  EXPECT_EQ(port_.line(2), "GET /token?scope=repository%3Ateam%2Fapp%3Apull");
  reply(2, 429, {{"retry-after", "120"}});
  EXPECT_EQ(answer(kAnn), "throttled");
  reply(1, 401, challenge);
  EXPECT_EQ(port_.count(), 3U);
  EXPECT_EQ(answer(kBob), "throttled");
  poller_->ask({"c", "c"}, about("3"));
  loop_.run_ready();
  EXPECT_EQ(port_.line(3), "HEAD /v2/team/app/manifests/3");
}

TEST_F(PollsOfRegistries, ForgetATokenWithTheLastWhoAsksForTheImage) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("2"));
  loop_.run_ready();
  reply(0, 401, {{"www-authenticate", "Bearer realm=\"https://registry.local/token\""}});
  port_.reply(2, 200, R"({"token":"t"})");
  loop_.run_ready();
  EXPECT_EQ(poller_->authorizations(), 1U);
  poller_->forget(kAnn);
  EXPECT_EQ(poller_->authorizations(), 1U);
  poller_->ask(kBob, about("1", "registry.local/team/other"));
  EXPECT_EQ(poller_->authorizations(), 0U);
}

TEST_F(PollsOfRegistries, ThatEndAtOnceMayBeForgottenAsTheyEnd) {
  on_change_ = [this](const ObjectKey& asker) { poller_->forget(asker); };
  for (int i = 0; i < 5'000; ++i) poller_->ask({"ns", std::to_string(i)}, about("no tag " + std::to_string(i)));
  loop_.run_ready();
  EXPECT_EQ(poller_->polls(), 0U);
  EXPECT_EQ(results_["invalid"], 5'000);
}

TEST_F(PollsOfRegistries, AreNoneForWhatIsNoImage) {
  poller_->ask(kAnn, about("1", "registry.local/app:1"));
  EXPECT_EQ(answer(kAnn), "none");
  loop_.run_ready();
  EXPECT_EQ(answer(kAnn), "invalid");
  EXPECT_EQ(told(), std::vector<std::string>{"ann"});
  loop_.advance(std::chrono::hours{5});
  EXPECT_EQ(port_.count(), 0U);
  EXPECT_FALSE(loop_.next());
}

// Whatever comes in whatever order: the limits hold, who wants to be left alone is, and nothing is left at the end.
TEST_F(PollsOfRegistries, KeepTheirLimitsInEveryOrder) {
  std::mt19937 random{7};
  const auto any = [&random](std::size_t count) { return random() % count; };
  std::vector<std::string> hosts;  // of the requests, as they were sent
  std::map<std::string, SteadyTime> held;
  poller_ = std::make_unique<HttpPoller>(Settings{},
                                         HttpPoller::Environment{loop_, random_,
                                                                 [&](const Origin& origin) {
                                                                   return std::make_unique<Forwarding>(
                                                                       port_, [&, host = origin.host] {
                                                                         EXPECT_GE(loop_.now(), held[host]) << host;
                                                                         hosts.push_back(host);
                                                                       });
                                                                 }},
                                         HttpPoller::Events{[&](const ObjectKey& asker) {
                                                              if (any(8) == 0) poller_->forget(asker);
                                                            },
                                                            [](std::string_view) {}});
  const auto asker = [&any] {
    const std::string name = std::to_string(any(150));
    return ObjectKey{"ns" + name.substr(0, 1), name};
  };
  const auto answer_one = [&] {
    const auto open = port_.open();
    if (open.empty()) return;
    const std::size_t index = open[any(open.size())];
    switch (any(5)) {
      case 0:
        return port_.fail(index);
      case 1:
        held[hosts.at(index)] = std::max(held[hosts.at(index)], loop_.now() + seconds{30});
        return port_.reply(index, 429, "", {{"retry-after", "30"}});
      case 2:
        return port_.reply(index, 200, R"({"tags":["a"]})");
      default:
        return port_.reply(index, 200, "", {{"docker-content-digest", any(2) == 0 ? kOne : kTwo}});
    }
  };
  for (int step = 0; step < 6'000; ++step) {
    switch (any(6)) {
      case 0:
        poller_->ask(asker(), about(std::to_string(any(20)), "h" + std::to_string(any(40)) + ".test/app"));
        break;
      case 1:
        poller_->forget(asker());
        break;
      case 2:
        loop_.advance(Millis{static_cast<Millis::rep>(any(20'000))});
        break;
      default:
        answer_one();
        loop_.run_ready();
    }
    std::map<std::string, std::size_t> open;
    for (const std::size_t index : port_.open()) ASSERT_LE(++open[hosts.at(index)], Places::kOfHost);
    ASSERT_LE(port_.open().size(), Places::kInAll);
  }
  EXPECT_GT(port_.count(), 1'000U);
  for (int i = 0; i < 150; ++i) poller_->forget({"ns" + std::to_string(i).substr(0, 1), std::to_string(i)});
  EXPECT_EQ(poller_->polls(), 0U);
  EXPECT_TRUE(port_.open().empty());
  loop_.advance(Ports::kIdle);
  EXPECT_FALSE(loop_.next());
}

TEST_F(PollsOfRegistries, LeaveNothingBehind) {
  poller_->ask(kAnn, about("1"));
  poller_->ask(kBob, about("2"));
  loop_.run_ready();
  poller_.reset();
  EXPECT_TRUE(port_.cancelled(0));
  EXPECT_FALSE(loop_.next());
}

}  // namespace
}  // namespace atelier::registry
