#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::Ending;
namespace fault = testing::fault;

// A page of a list that nobody has: of one object, "ghost".
std::string ghost_page(const std::string& version, const std::string& continue_token) {
  json meta = {{"resourceVersion", version}};
  if (!continue_token.empty()) meta["continue"] = continue_token;
  const json ghost = {{"metadata", {{"name", "ghost"}, {"namespace", "a"}, {"uid", "u"}, {"resourceVersion", "1"}}}};
  return json({{"kind", "ConfigMapList"}, {"apiVersion", "v1"}, {"metadata", meta}, {"items", {ghost}}}).dump();
}

class ListsOverABadNetwork : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("first"));
  }
  // One for each list, in this order.
  void answer_lists(std::vector<std::string> answers, bool close = false) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      proxy_->on({.target = kList, .from = i + 1}, fault::Answer{std::move(answers[i]), close});
    }
  }
};

TEST_F(ListsOverABadNetwork, AreAskedForAgainWhenTheServerFails) {
  answer_lists({testing::status_answer(500, "InternalError"), testing::status_answer(503, "ServiceUnavailable")});
  start_follower();
  EXPECT_TRUE(all("+first ")) << log();
  EXPECT_EQ(lists(), 3U);
}

TEST_F(ListsOverABadNetwork, WaitAsLongAsTheServerSays) {
  answer_lists({testing::status_answer(429, "TooManyRequests", {{"Retry-After", "2"}})});
  start_follower();
  ASSERT_TRUE(await([&] { return lists() == 1; }));
  const SteadyTime told = loop_.now();
  EXPECT_TRUE(all("+first ")) << log();
  EXPECT_GE(loop_.now() - told, seconds{2} - Millis{100});
}

// Of a list, half is no list. A server that says no length, as old proxies do, is the worst: its end looks whole.
TEST_F(ListsOverABadNetwork, AreNotBelievedWhenHalfOfThemCame) {
  proxy_ = std::make_unique<testing::FaultProxy>(loop_, config_.endpoint, testing::FaultProxy::Face::plain);
  faulty_ = std::make_unique<http::CurlPort>(loop_, proxy_->endpoint(), "atelier-test");
  const std::string page = ghost_page("1", "");
  const std::string half = page.substr(0, page.rfind(']'));
  const std::string with_length = testing::http_answer(200, {}, page);
  answer_lists({with_length.substr(0, with_length.size() - 2), testing::chunked_answer({half}, false),
                "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half},
               true);
  for (int i = 0; i < 3; ++i) start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  EXPECT_EQ(lists(), 6U);
}

TEST_F(ListsOverABadNetwork, AreNotBelievedWhenTheServerMeantToSendMore) {
  for (std::size_t i = 0; i < 10; ++i) {
    const testing::Place somewhere{R"("name":"first")", 13 * i};
    proxy_->on({.target = kList, .from = i + 1}, fault::Cut{somewhere, i % 2 == 0 ? Ending::reset : Ending::close});
  }
  for (int i = 0; i < 10; ++i) start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  EXPECT_EQ(lists(), 20U);
}

TEST_F(ListsOverABadNetwork, AreNotBelievedWhenTheyAreNoLists) {
  answer_lists({testing::http_answer(200, {}, "<html>please log in</html>"), testing::http_answer(200, {}, "{}")});
  for (int i = 0; i < 2; ++i) start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  EXPECT_EQ(lists(), 4U);
}

TEST_F(ListsOverABadNetwork, BeginAnewWhenAPageIsGone) {
  answer_lists({testing::http_answer(200, {}, ghost_page("1", "next")), testing::status_answer(410, "Expired")});
  start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  ASSERT_EQ(lists(), 3U) << log();
  EXPECT_EQ(proxy_->log()[2].target.find("limit="), std::string::npos) << "everything in one page: " << log();
}

TEST_F(ListsOverABadNetwork, BeginAnewWhenAPageIsLost) {
  answer_lists({testing::http_answer(200, {}, ghost_page("1", "next"))});
  const auto lost = proxy_->on({.target = "continue=next", .times = 2}, fault::Cut{});  // libcurl tries twice
  start_follower();
  EXPECT_TRUE(all("+first ")) << traces() << log();
  EXPECT_EQ(lost->applied, 2U);
  EXPECT_EQ(proxy_->requests("GET", "continue=next"), 2U) << log();
}

TEST_F(ListsOverABadNetwork, NeverTakeTheStoreBackInTime) {
  auto& follower = follow();
  const std::string seen = follower.store.resource_version();
  proxy_->on({.target = kWatch}, fault::Answer{testing::status_answer(410, "Expired")});
  const auto old = proxy_->on({.target = kList}, fault::Answer{testing::http_answer(200, {}, ghost_page("1", ""))});
  proxy_->cut_watches(Ending::reset);
  ASSERT_TRUE(await([&] { return old->applied == 1; }));
  ASSERT_TRUE(await([&] { return lists() == 3; })) << log();
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
}

TEST_F(ListsOverABadNetwork, WaitForTheServerToCome) {
  proxy_->refuse();
  const auto& follower = start_follower();
  const SteadyTime start = loop_.now();
  static_cast<void>(await([&] { return loop_.now() - start > Millis{300}; }));
  EXPECT_EQ(lists(), 0U);
  EXPECT_FALSE(follower.store.synced());
  proxy_->listen();
  EXPECT_TRUE(all("+first ")) << traces() << log();
}

}  // namespace
}  // namespace atelier::kube
