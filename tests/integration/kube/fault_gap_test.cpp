// What happens while a watch is away, and is to be known afterwards.
#include "integration/kube/fault_fixture.h"

namespace atelier::kube {
namespace {

using nlohmann::json;
using std::chrono::seconds;
using testing::Ending;
namespace fault = testing::fault;

class GapsInWatches : public testing::FaultyWatches {
 protected:
  void SetUp() override {
    FaultyWatches::SetUp();
    if (HasFatalFailure()) return;
    ASSERT_TRUE(make_config_map("first"));
  }
  void begin_gap() {
    proxy_->refuse();
    proxy_->cut_all(Ending::reset);
  }
  // Of watches that ask for a version, the first will hear that it is gone.
  void end_gap_too_late() {
    proxy_->on({.target = kWatch}, fault::Answer{testing::status_answer(410, "Expired")});
    proxy_->listen();
  }
};

TEST_F(GapsInWatches, TellAnObjectThatWasMadeAgainAsAnotherOne) {
  for (int i = 0; i < 2; ++i) follow();
  const auto uid = [](const auto& object) { return object->at("metadata").at("uid").template get<std::string>(); };
  const std::string old = uid(followers_[0]->store.get(key("first")));
  std::vector<std::string> uids(2);
  for (std::size_t i = 0; i < 2; ++i) {
    followers_[i]->store.on_change([&told = uids[i], uid](const Change<json>& change) {
      told += (change.before ? "-" + uid(change.before) : "") + (change.now ? "+" + uid(change.now) : "") + " ";
    });
  }
  begin_gap();
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("first"))));
  const auto made = make_config_map("first");
  ASSERT_TRUE(made);
  end_gap_too_late();
  EXPECT_TRUE(all("+first -first +first ")) << traces() << log();
  EXPECT_EQ(lists(), 3U) << "one of them watches on, the other one lists";
  const std::string expected = "-" + old + " +" + made.value()["metadata"]["uid"].get<std::string>() + " ";
  for (const std::string& told : uids) EXPECT_EQ(told, expected);
}

TEST_F(GapsInWatches, TellWhatWasDeletedWithItsLastKnownState) {
  ASSERT_TRUE(make_config_map("second", {{"x", "listed"}}));
  auto& follower = follow();
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("second"), {{"data", {{"x", "known"}}}})));
  ASSERT_TRUE(all("+first +second ~second ")) << traces();
  std::vector<Change<json>> changes;
  follower.store.on_change([&](const Change<json>& change) { changes.push_back(change); });
  begin_gap();
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("second"), {{"data", {{"x", "missed"}}}})));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("second"))));
  end_gap_too_late();
  EXPECT_TRUE(all("+first +second ~second -second ")) << traces() << log();
  EXPECT_EQ(lists(), 2U);
  ASSERT_EQ(changes.size(), 1U);
  ASSERT_TRUE(changes[0].before);
  EXPECT_EQ(changes[0].before->at("data").at("x"), "known");
  EXPECT_FALSE(changes[0].initial);
}

// Bookmarks come before a watch's time is over. The server does not promise one, but within a few watches one comes.
TEST_F(GapsInWatches, BeginAtTheLastBookmark) {
  const std::regex timeout{"timeoutSeconds=[0-9]+"};
  proxy_->on({.target = kWatch, .times = testing::kAlways}, fault::Rewrite{[&](const std::string& target) {
               return std::regex_replace(target, timeout, "timeoutSeconds=4");
             }});
  auto& follower = follow();
  const json unwatched = config_map(ns_, "kube-root-ca.crt");
  const auto made = ask(apply(kConfigMaps, key("kube-root-ca.crt"), unwatched, "atelier-test"));
  ASSERT_TRUE(made) << made.error().message;
  const std::string version = made.value()["metadata"]["resourceVersion"];
  ASSERT_TRUE(await([&] { return follower.store.includes(version); }, seconds{30})) << log();
  EXPECT_EQ(traces(), "+first \n") << "nothing that it was told of was an object";
  const std::size_t before = watches();
  const std::string bookmark = follower.store.resource_version();
  proxy_->cut_watches(Ending::reset);
  ASSERT_TRUE(await([&] { return watches() > before; })) << log();
  EXPECT_NE(proxy_->log().back().target.find("resourceVersion=" + bookmark + "&"), std::string::npos) << log();
  ASSERT_TRUE(make_config_map("second"));
  EXPECT_TRUE(all("+first +second ")) << traces();
  EXPECT_EQ(lists(), 1U);
}

}  // namespace
}  // namespace atelier::kube
