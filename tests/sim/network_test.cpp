// The operator's own reflector and lease over the simulated network.
#include "sim/network.h"

#include <gmock/gmock.h>

#include "atelier/base/log.h"
#include "atelier/kube/lease.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/request.h"
#include "atelier/kube/store.h"
#include "sim/sim_port.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

const ObjectKey kKey{"ns", "a"};

class NetworkTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }

  void put(const std::string& name, const std::string& value) {
    const Kind& maps = kind_of("configmaps");
    if (model.store().find(maps, {"ns", name}) == nullptr) {
      model.create(maps, "ns", {{"metadata", {{"name", name}, {"labels", {{"app", "x"}}}}}, {"data", value}});
    } else {
      model.patch(maps, {"ns", name}, PatchKind::merge, {{"data", value}});
    }
  }
  static kube::Decoder<std::string> decoder() {
    return [](std::string_view text) -> Result<std::shared_ptr<const std::string>> {
      return std::make_shared<const std::string>(json::parse(text).value("data", ""));
    };
  }
  std::string seen(const std::string& name) const {
    const auto value = store.get({"ns", name});
    return value == nullptr ? "-" : *value;
  }
  http::Request create_map(const std::string& name) const {
    return kube::create(kube::kConfigMaps, "ns", {{"metadata", {{"name", name}}}});
  }
  bool exists(const std::string& name) const {
    return model.store().find(kind_of("configmaps"), {"ns", name}) != nullptr;
  }
  // The status, 0 for a transport error, -1 while nothing came.
  std::shared_ptr<int> status_of(http::Request request) {
    auto status = std::make_shared<int>(-1);
    calls.push_back(port.send(std::move(request), [status](const Result<http::Response>& response) {
      *status = response ? response.value().status : 0;
    }));
    return status;
  }

  SimLoop loop;
  ApiModel model{loop};
  Network network{model, loop, 1};
  SimPort port{network, "test"};
  SimRandom random{7};
  std::vector<std::unique_ptr<http::Call>> calls;
  kube::Store<std::string> store{"configmaps", decoder()};
};

TEST_F(NetworkTest, AReflectorFollows) {
  put("a", "1");
  kube::Reflector reflector{{kube::kConfigMaps, "", "app=x", ""}, store, port, loop, random};
  reflector.start();
  loop.advance(Millis{200});
  ASSERT_TRUE(store.synced());
  EXPECT_EQ(seen("a"), "1");
  put("a", "2");
  put("b", "1");
  EXPECT_EQ(seen("a"), "1") << "the cache lags";
  loop.advance(Millis{500});
  EXPECT_EQ(seen("a"), "2");
  EXPECT_EQ(seen("b"), "1");
  model.patch(kind_of("configmaps"), {"ns", "a"}, PatchKind::merge, {{"metadata", {{"labels", {{"app", "y"}}}}}});
  model.remove(kind_of("configmaps"), {"ns", "b"}, {});
  loop.advance(Millis{500});
  EXPECT_EQ(seen("a"), "-") << "left the selection";
  EXPECT_EQ(seen("b"), "-");
}

TEST_F(NetworkTest, AReflectorOutlivesBrokenWatchesAndCompaction) {
  kube::Reflector reflector{{kube::kConfigMaps, "", "", ""}, store, port, loop, random};
  reflector.start();
  loop.advance(Millis{200});
  network.break_watches("the network is down");
  for (int i = 0; i < 20; ++i) put("a", std::to_string(i));
  model.compact();
  loop.advance(Millis{60'000});
  EXPECT_EQ(seen("a"), "19");
  for (int hour = 0; hour < 3; ++hour) {  // watches end by themselves, bookmarks keep their versions fresh
    loop.advance(Millis{3'600'000});
    put("a", "at " + std::to_string(hour));
    loop.advance(Millis{1'000});
    EXPECT_EQ(seen("a"), "at " + std::to_string(hour));
  }
}

TEST_F(NetworkTest, OneOfTwoLeads) {
  int acquired = 0;
  const auto lease = [&](const std::string& identity) {
    return std::make_unique<kube::Lease>(kKey, identity, kube::LeaseTimes{}, port, loop, random,
                                         kube::Lease::Events{[&acquired] { ++acquired; }, {}});
  };
  auto one = lease("one");
  auto two = lease("two");
  one->start();
  loop.advance(Millis{1'000});
  two->start();
  loop.advance(Millis{60'000});
  EXPECT_TRUE(one->may_write(loop.now()));
  EXPECT_FALSE(two->may_write(loop.now()));
  one.reset();
  loop.advance(Millis{10'000});
  EXPECT_FALSE(two->may_write(loop.now()));
  loop.advance(Millis{15'000});
  EXPECT_TRUE(two->may_write(loop.now()));
  EXPECT_EQ(acquired, 2);
}

TEST_F(NetworkTest, AnswersLaterAndNeverWithinSend) {
  const auto status = status_of(create_map("a"));
  EXPECT_EQ(*status, -1);
  EXPECT_FALSE(exists("a"));
  loop.advance(Millis{50});
  EXPECT_EQ(*status, 201);
  EXPECT_EQ(network.writes(), 1U);
}

TEST_F(NetworkTest, LosesRequestsAndAnswers) {
  network.set_hook([](const http::Request&, std::size_t index, Phase phase) {
    return index == (phase == Phase::before ? 1U : 2U) ? Fate::lose : Fate::deliver;
  });
  const auto first = status_of(create_map("a"));
  loop.advance(Millis{50});
  const auto second = status_of(create_map("b"));
  loop.advance(Millis{50});
  EXPECT_EQ(*first, 0);
  EXPECT_EQ(*second, 0);
  EXPECT_FALSE(exists("a"));
  EXPECT_TRUE(exists("b"));
}

TEST_F(NetworkTest, AnswersErrorsBeforeOrAfterTheRequestIsPerformed) {
  network.set_errors([](const http::Request& request, Phase phase) -> std::optional<http::Response> {
    const bool first = request.body.find("\"a\"") != std::string::npos;
    if (first != (phase == Phase::before)) return std::nullopt;
    return http::Response{503, {}, "Service Unavailable"};
  });
  const auto first = status_of(create_map("a"));
  const auto second = status_of(create_map("b"));
  loop.advance(Millis{50});
  EXPECT_EQ(*first, 503);
  EXPECT_EQ(*second, 503);
  EXPECT_FALSE(exists("a"));
  EXPECT_TRUE(exists("b"));
}

TEST_F(NetworkTest, AReflectorOutlivesRefusedListsAndWatches) {
  network.set_errors([this](const http::Request& request, Phase phase) -> std::optional<http::Response> {
    const bool watches = request.target.find("watch=1") != std::string::npos;
    const bool refused = loop.elapsed() < (watches ? Millis{20'000} : Millis{5'000});
    if (!refused || phase == Phase::after) return std::nullopt;
    return http::Response{429, {{"retry-after", "1"}}, "Too many requests"};
  });
  kube::Reflector reflector{{kube::kConfigMaps, "", "", "", false}, store, port, loop, random};
  reflector.start();
  loop.advance(Millis{15'000});
  EXPECT_TRUE(store.synced());
  put("a", "1");
  loop.advance(Millis{1'000});
  EXPECT_EQ(seen("a"), "-");
  loop.advance(Millis{60'000});
  EXPECT_EQ(seen("a"), "1");
  EXPECT_LE(network.requests(), 30U) << "it waits longer and longer";
}

TEST_F(NetworkTest, ListsAndWatchesMayLagButAGetIsLive) {
  put("a", "1");
  const std::uint64_t old = model.store().version();
  put("a", "2");
  put("b", "1");
  network.lag("configmaps", old, Millis{10'000});
  kube::Reflector reflector{{kube::kConfigMaps, "", "", "", false}, store, port, loop, random};
  reflector.start();
  loop.advance(Millis{5'000});
  put("c", "1");
  loop.advance(Millis{4'000});
  EXPECT_EQ(seen("a"), "1");
  EXPECT_EQ(seen("b"), "-");
  EXPECT_EQ(seen("c"), "-");
  const auto live = status_of(kube::get(kube::kConfigMaps, {"ns", "c"}));
  loop.advance(Millis{50});
  EXPECT_EQ(*live, 200);
  loop.advance(Millis{2'000});
  EXPECT_EQ(seen("a"), "2");
  EXPECT_EQ(seen("b"), "1");
  EXPECT_EQ(seen("c"), "1");
  EXPECT_EQ(network.reads(), 2U) << "a list and a get";
}

TEST_F(NetworkTest, AWriteMayArriveLongAfterItsClientIsGone) {
  network.set_hook([](const http::Request&, std::size_t, Phase) { return Fate::late; });
  status_of(create_map("a"));
  loop.advance(Millis{50});
  calls.clear();
  EXPECT_FALSE(exists("a"));
  loop.advance(Millis{30'000});
  EXPECT_TRUE(exists("a"));
}

TEST_F(NetworkTest, ADestroyedCallIsSilent) {
  network.set_orphans(1);
  const auto applied = status_of(create_map("a"));
  calls.clear();
  loop.advance(Millis{50});
  network.set_orphans(0);
  const auto dropped = status_of(create_map("b"));
  calls.clear();
  loop.advance(Millis{50});
  EXPECT_TRUE(exists("a"));
  EXPECT_FALSE(exists("b"));
  EXPECT_EQ(*applied, -1);
  EXPECT_EQ(*dropped, -1);
}

}  // namespace
}  // namespace atelier::sim
