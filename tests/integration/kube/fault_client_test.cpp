#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::Ending;
namespace fault = testing::fault;

class ClientsOverABadNetwork : public testing::FaultyCluster {
 protected:
  // What a request that fails says.
  Errc refused(http::Request request) {
    const auto answer = ask_faulty(std::move(request));
    EXPECT_FALSE(answer) << answer.value();
    return answer ? Errc::server : answer.error().code;
  }
  // One connection is in the pool, used and idle.
  void warm_up() {
    ASSERT_TRUE(ask_faulty(list_config_maps()));
    ASSERT_TRUE(await([&] { return proxy_->idle() == 1; }));
  }
  std::size_t config_maps() { return ask(list_config_maps()).value()["items"].size(); }
  http::Request patch(const std::string& name, const json& made, const std::string& value) const {
    const json meta = {{"resourceVersion", made["metadata"]["resourceVersion"]}};
    return merge_patch(kConfigMaps, key(name), {{"metadata", meta}, {"data", {{"x", value}}}});
  }
};

TEST_F(ClientsOverABadNetwork, MeetTheirOwnCreateWhenItsAnswerWasLost) {
  proxy_->on({.method = "POST"}, fault::Cut{});
  EXPECT_EQ(refused(new_config_map("a", {{"x", "1"}})), Errc::transport);
  EXPECT_EQ(refused(new_config_map("a", {{"x", "2"}})), Errc::already_exists);
  EXPECT_EQ(config_maps(), 1U);
  EXPECT_EQ(ask(get(kConfigMaps, key("a"))).value()["data"]["x"], "1");
}

TEST_F(ClientsOverABadNetwork, MakeNothingWithARequestThatWasLost) {
  proxy_->on({.method = "POST"}, fault::ResetBeforeRequest{});
  EXPECT_EQ(refused(new_config_map("a")), Errc::transport);
  EXPECT_EQ(config_maps(), 0U);
  EXPECT_TRUE(ask_faulty(new_config_map("a")));
}

// libcurl itself would send a request again whose pooled connection ends before an answer.
TEST_F(ClientsOverABadNetwork, SendACreateOnceWhereItsPooledConnectionEnds) {
  warm_up();
  const auto lost = proxy_->on({.method = "POST"}, fault::Cut{});
  EXPECT_EQ(refused(new_config_map("a")), Errc::transport);
  EXPECT_EQ(lost->seen, 1U);
  EXPECT_EQ(config_maps(), 1U);
}

TEST_F(ClientsOverABadNetwork, MakeOneObjectOfACreateThatCameTwice) {
  proxy_->on({.method = "POST"}, fault::Duplicate{});
  EXPECT_EQ(refused(new_config_map("a")), Errc::already_exists);
  EXPECT_EQ(config_maps(), 1U);
}

TEST_F(ClientsOverABadNetwork, PatchOnceWhatHasAPrecondition) {
  const auto made = make_config_map("a", {{"x", "0"}});
  ASSERT_TRUE(made);
  proxy_->on({.method = "PATCH"}, fault::Cut{});
  EXPECT_EQ(refused(patch("a", made.value(), "1")), Errc::transport);
  EXPECT_EQ(refused(patch("a", made.value(), "2")), Errc::conflict);
  EXPECT_EQ(ask(get(kConfigMaps, key("a"))).value()["data"]["x"], "1");
}

TEST_F(ClientsOverABadNetwork, DeleteNoOtherObjectOfThatName) {
  const auto made = make_config_map("a");
  ASSERT_TRUE(made);
  DeleteOptions options;
  options.uid = Uid{made.value()["metadata"]["uid"].get<std::string>()};
  proxy_->on({.method = "DELETE"}, fault::Cut{});
  EXPECT_EQ(refused(delete_(kConfigMaps, key("a"), options)), Errc::transport);
  EXPECT_EQ(refused(delete_(kConfigMaps, key("a"), options)), Errc::not_found);
  ASSERT_TRUE(make_config_map("a"));
  EXPECT_EQ(refused(delete_(kConfigMaps, key("a"), options)), Errc::conflict);
  EXPECT_EQ(config_maps(), 1U);
}

TEST_F(ClientsOverABadNetwork, AreToldHowLongToWait) {
  const http::Headers wait{{"Retry-After", "7"}};
  proxy_->on({}, fault::Answer{testing::status_answer(429, "TooManyRequests", wait)});
  proxy_->on({.from = 2}, fault::Answer{testing::status_answer(503, "ServiceUnavailable", wait)});
  for (int i = 0; i < 2; ++i) {
    const auto answer = ask_faulty(list_config_maps());
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::throttled);
    EXPECT_EQ(answer.error().retry_after, seconds{7});
  }
}

TEST_F(ClientsOverABadNetwork, GiveUpAtTheirDeadline) {
  proxy_->on({}, fault::Swallow{});
  proxy_->on({.from = 2}, fault::Stall{});
  proxy_->on({.from = 3}, fault::Stall{{"", 30}});
  proxy_->on({.from = 4}, fault::Stall{{"\"items\":"}});
  proxy_->on({.from = 5}, fault::DelayRequest{seconds{30}});
  proxy_->on({.from = 6}, fault::DelayAnswer{seconds{30}});
  for (int i = 0; i < 6; ++i) {
    http::Request request = list_config_maps();
    request.timeout = Millis{200};
    EXPECT_EQ(refused(request), Errc::transport) << i;
  }
  EXPECT_EQ(proxy_->log().size(), 6U) << log();
  EXPECT_TRUE(ask_faulty(list_config_maps()));
  EXPECT_TRUE(await([&] { return proxy_->idle() == 1; })) << "what was given up is closed";
}

TEST_F(ClientsOverABadNetwork, WaitForAnAnswerThatIsSlow) {
  proxy_->on({.method = "POST"}, fault::DelayAnswer{Millis{300}});
  proxy_->on({.method = "GET"}, fault::DelayRequest{Millis{300}});
  EXPECT_TRUE(ask_faulty(new_config_map("a")));
  EXPECT_EQ(ask_faulty(list_config_maps()).value()["items"].size(), 1U);
}

// Calls that are never answered, their places, and one call behind them.
class ClientsWithFewPlaces : public ClientsOverABadNetwork {
 protected:
  static constexpr std::size_t kPlaces = 3;

  void fill(Millis timeout) {
    faulty_ = std::make_unique<http::CurlPort>(loop_, proxy_->endpoint(), "test", http::CurlPort::Limits{kPlaces});
    proxy_->on({.times = kPlaces}, fault::Swallow{});
    http::Request request = list_config_maps();
    request.timeout = timeout;
    for (std::size_t i = 0; i < kPlaces; ++i) {
      calls_.push_back(faulty_->send(request, [this](const Result<http::Response>&) { ++failed_; }));
    }
    last_ = faulty_->send(list_config_maps(), [this](const Result<http::Response>& r) { answered_ = bool{r}; });
    ASSERT_TRUE(await([&] { return proxy_->log().size() == kPlaces; }));
  }

  std::vector<std::unique_ptr<http::Call>> calls_;
  std::unique_ptr<http::Call> last_;
  std::size_t failed_ = 0;
  std::optional<bool> answered_;
};

TEST_F(ClientsWithFewPlaces, GoOnWhenACallIsCancelled) {
  fill(seconds{60});
  EXPECT_FALSE(answered_);
  calls_[1].reset();
  EXPECT_TRUE(await([&] { return answered_ == true; })) << log();
  EXPECT_EQ(failed_, 0U);
  EXPECT_EQ(proxy_->log().size(), kPlaces + 1) << log();
}

TEST_F(ClientsWithFewPlaces, GoOnWhenCallsRunOutOfTime) {
  fill(Millis{200});
  EXPECT_TRUE(await([&] { return answered_ == true && failed_ == kPlaces; })) << log();
}

TEST_F(ClientsWithFewPlaces, GoOnWhenTheirConnectionsBreak) {
  fill(seconds{60});
  proxy_->cut_all(Ending::reset);
  EXPECT_TRUE(await([&] { return answered_ == true && failed_ == kPlaces; })) << log();
}

TEST_F(ClientsOverABadNetwork, UseAnotherConnectionWhenTheServerClosedTheirs) {
  for (const Ending ending : {Ending::close, Ending::reset}) {
    warm_up();
    proxy_->cut_idle(ending);
    EXPECT_TRUE(ask_faulty(list_config_maps())) << log();
  }
}

TEST_F(ClientsOverABadNetwork, SendAgainWhatMetAConnectionThatWasJustBeingClosed) {
  for (const bool reset : {true, false}) {
    warm_up();
    proxy_->clear_rules();
    const auto lost = reset ? proxy_->on({}, fault::ResetBeforeRequest{}) : proxy_->on({}, fault::Answer{"", true});
    EXPECT_TRUE(ask_faulty(list_config_maps())) << log();
    EXPECT_EQ(lost->seen, 2U) << log();
  }
}

TEST_F(ClientsOverABadNetwork, BelieveNoHalfAnAnswer) {
  ASSERT_TRUE(make_config_map("a"));
  const auto whole = ask_faulty(list_config_maps());
  ASSERT_TRUE(whole);
  // Longer than the answer's head and body; what is not cut is the last one.
  for (std::size_t bytes = 1, ended = 0; ended == 0; bytes += 23) {
    ASSERT_LT(bytes, 20'000U);
    proxy_->cut_idle(Ending::close);
    proxy_->clear_rules();
    const auto cut = proxy_->on({}, fault::Cut{{"", bytes}, bytes % 2 == 0 ? Ending::reset : Ending::close});
    const auto answer = ask_faulty(list_config_maps());
    if (!answer) {
      EXPECT_EQ(answer.error().code, Errc::transport) << bytes << " " << answer.error().message;
      continue;
    }
    ++ended;
    EXPECT_EQ(answer.value()["items"], whole.value()["items"]) << bytes;
    EXPECT_GT(bytes, whole.value().dump().size());
  }
}

TEST_F(ClientsOverABadNetwork, ReadAnAnswerThatComesByteByByte) {
  ASSERT_TRUE(make_config_map("a", {{"x", std::string(2'000, 'x')}}));
  const auto whole = ask(list_config_maps());
  for (const std::size_t size : {1U, 2U, 7U, 1'000U}) {
    proxy_->clear_rules();
    proxy_->on({}, fault::Slice{size});
    const auto sliced = ask_faulty(list_config_maps());
    ASSERT_TRUE(sliced) << sliced.error().message;
    EXPECT_EQ(sliced.value()["items"], whole.value()["items"]);
  }
}

TEST_F(ClientsOverABadNetwork, TakeNoAnswerThatIsNotTheirs) {
  const std::string ghost = testing::http_answer(200, {}, R"({"items":["ghost"]})");
  proxy_->on({.target = "/configmaps"}, fault::Answer{testing::http_answer(200, {}, "{}") + ghost});
  EXPECT_EQ(ask_faulty(list_config_maps()).value(), json::object());
  EXPECT_EQ(ask_faulty(list_config_maps()).value()["items"], json::array());
  proxy_->on({.target = "/namespaces/" + ns_ + "/pods"}, fault::DelayAnswer{Millis{200}});
  bool answered = false;
  auto call = faulty_->send(list(kPods, ns_), [&](const Result<http::Response>&) { answered = true; });
  ASSERT_TRUE(await([&] { return proxy_->requests("GET", "/pods") == 1; }));
  call.reset();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask_faulty(list_config_maps()).value()["kind"], "ConfigMapList");
  EXPECT_FALSE(await([&] { return answered; }, Millis{400}));
}

TEST_F(ClientsOverABadNetwork, TakeNoGarbageForAnAnswer) {
  const std::vector<std::string> garbage{
      "SSH-2.0-OpenSSH_9.2\r\n",
      std::string("\0\1\2\3\377", 5),
      "\r\n\r\n",
      "HTTP/1.1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nAudit-Id: 1\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\nX: " + std::string(2'000'000, 'x') + "\r\n\r\n",
  };
  for (std::size_t i = 0; i < garbage.size(); ++i) {
    proxy_->on({.from = i + 1}, fault::Answer{garbage[i], true});
  }
  for (std::size_t i = 0; i < garbage.size(); ++i) {
    EXPECT_EQ(refused(list_config_maps()), Errc::transport) << i;
  }
  EXPECT_TRUE(ask_faulty(list_config_maps())) << log();
}

}  // namespace
}  // namespace atelier::kube
