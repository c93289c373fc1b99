#include "integration/kube/real_cluster.h"
#include "kube/reflector.h"
#include "kube/store.h"

namespace atelier::kube {
namespace {

using nlohmann::json;

Result<std::shared_ptr<const json>> decode(std::string_view object) {
  json document = json::parse(object, nullptr, false);
  if (document.is_discarded()) return invalid("no JSON");
  return std::make_shared<const json>(std::move(document));
}

class Watches : public testing::RealCluster {
 protected:
  void SetUp() override {
    RealCluster::SetUp();
    if (HasFatalFailure()) return;
    Scope scope;
    scope.resource = kConfigMaps;
    scope.ns = ns_;
    scope.field_selector = "metadata.name!=kube-root-ca.crt";  // a controller puts it into every namespace
    store_.on_change([this](const Change<json>& change) {
      trace_ += (change.before ? (change.now ? "~" : "-") : "+") + change.key.name + " ";
    });
    ASSERT_TRUE(make_config_map("first"));
    reflector_ = std::make_unique<Reflector>(scope, store_, *port_, loop_, random_);
    reflector_->start();
    ASSERT_TRUE(await([this] { return store_.synced(); }));
  }
  void TearDown() override {
    reflector_.reset();
    RealCluster::TearDown();
  }

  http::SystemRandom random_;
  Store<json> store_{"configmaps", decode};
  std::string trace_;
  std::unique_ptr<Reflector> reflector_;
};

TEST_F(Watches, FollowWhatHappens) {
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("first"), {{"data", {{"x", "1"}}}})));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("first"))));
  EXPECT_TRUE(await([this] { return trace_.ends_with("-first "); })) << trace_;
  EXPECT_EQ(trace_, "+first +second ~first -first ");
  EXPECT_EQ(store_.size(), 1U);
}

TEST_F(Watches, ReachTheVersionOfAWrite) {
  const auto made = make_config_map("second");
  ASSERT_TRUE(made);
  const std::string version = made.value()["metadata"]["resourceVersion"];
  EXPECT_TRUE(await([&] { return store_.includes(version); }));
}

TEST_F(Watches, SeeNothingOfFiveHundredObjectsTwice) {
  int made = 0;
  std::vector<std::unique_ptr<http::Call>> calls;
  for (int i = 0; i < 600; ++i) {  // more than a page
    calls.push_back(port_->send(create(kConfigMaps, ns_, config_map(ns_, "n" + std::to_string(i))),
                                [&](const Result<http::Response>& r) { made += r && r.value().status == 201; }));
  }
  ASSERT_TRUE(await([&] { return made == 600 && store_.size() == 601; }));
  Store<json> other{"configmaps", decode};
  Scope scope;
  scope.resource = kConfigMaps;
  scope.ns = ns_;
  scope.field_selector = "metadata.name!=kube-root-ca.crt";
  Reflector second{scope, other, *port_, loop_, random_};
  second.start();
  ASSERT_TRUE(await([&] { return other.synced(); }));
  EXPECT_EQ(other.size(), 601U);
}

// Collects a watch by hand, to see what the server itself says.
class RawWatch final : public http::StreamHandler {
 public:
  void on_head(int status_in, const http::Headers&) override { status = status_in; }
  void on_data(std::string_view data) override {
    framer.feed(data);
    while (const auto line = framer.next()) {
      auto event = parser.event(*line);
      ASSERT_TRUE(event) << event.error().message;
      types.push_back(event.value().type);
      if (event.value().type == EventType::error) error = error_of_status(json::parse(event.value().object));
    }
  }
  void on_end(Result<void> result) override { ended = std::move(result); }

  int status = 0;
  Framer framer;
  EnvelopeParser parser;
  std::vector<EventType> types;
  std::optional<Error> error;
  std::optional<Result<void>> ended;
};

TEST_F(Watches, EndWithABookmarkWhenTheirTimeIsOver) {
  RawWatch raw;
  WatchOptions options;
  options.resource_version = store_.resource_version();
  options.timeout = std::chrono::seconds{3};
  const auto call = port_->stream(watch(kConfigMaps, ns_, options), raw);
  ASSERT_TRUE(await([&] { return raw.ended.has_value(); }));
  EXPECT_TRUE(*raw.ended);
  EXPECT_EQ(raw.status, 200);
  ASSERT_FALSE(raw.types.empty());
  EXPECT_EQ(raw.types.back(), EventType::bookmark);
}

TEST_F(Watches, AreToldThatAnOldVersionIsGone) {
  RawWatch raw;
  WatchOptions options;
  options.resource_version = "1";
  options.timeout = std::chrono::seconds{5};
  const auto call = port_->stream(watch(kConfigMaps, ns_, options), raw);
  ASSERT_TRUE(await([&] { return raw.ended.has_value() || raw.error; }));
  ASSERT_TRUE(raw.error || raw.status == 410) << raw.status;
  if (raw.error) EXPECT_EQ(raw.error->code, Errc::gone);
}

TEST_F(Watches, StopWithTheirCall) {
  RawWatch raw;
  WatchOptions options;
  options.resource_version = store_.resource_version();
  auto call = port_->stream(watch(kConfigMaps, ns_, options), raw);
  ASSERT_TRUE(await([&] { return raw.status == 200; }));
  call.reset();
  ASSERT_TRUE(make_config_map("after"));
  EXPECT_TRUE(await([this] { return trace_.ends_with("+after "); }));
  EXPECT_FALSE(raw.ended);
}

}  // namespace
}  // namespace atelier::kube
