#include "atelier/kube/reflector.h"
#include "atelier/kube/store.h"
#include "integration/kube/real_cluster.h"
#include "integration/kube/tampering_port.h"

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
    tampering_ = std::make_unique<testing::TamperingPort>(*port_);
    ASSERT_TRUE(make_config_map("first"));
    // Without what a controller puts into every namespace.
    follow({.resource = kConfigMaps,
            .ns = ns_,
            .label_selector = "",
            .field_selector = "metadata.name!=kube-root-ca.crt"});
  }
  void TearDown() override {
    reflector_.reset();
    RealCluster::TearDown();
  }
  void follow(Scope scope) {
    store_ = std::make_unique<Store<json>>(scope.resource.plural, decode);
    store_->on_change([this](const Change<json>& change) {
      trace_ += (change.before ? (change.now ? "~" : "-") : "+") + change.key.name + " ";
    });
    trace_.clear();
    tampering_->sent.clear();
    tampering_->streamed.clear();
    reflector_ = std::make_unique<Reflector>(std::move(scope), *store_, *tampering_, loop_, random_);
    reflector_->start();
    ASSERT_TRUE(await([this] { return store_->synced(); }));
  }

  http::SystemRandom random_;
  std::unique_ptr<testing::TamperingPort> tampering_;
  std::unique_ptr<Store<json>> store_;
  std::string trace_;
  std::unique_ptr<Reflector> reflector_;
};

TEST_F(Watches, FollowWhatHappens) {
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("first"), {{"data", {{"x", "1"}}}})));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("first"))));
  EXPECT_TRUE(await([this] { return trace_.ends_with("-first "); })) << trace_;
  EXPECT_EQ(trace_, "+first +second ~first -first ");
  EXPECT_EQ(store_->size(), 1U);
}

TEST_F(Watches, ReachTheVersionOfAWrite) {
  const auto made = make_config_map("second");
  ASSERT_TRUE(made);
  const std::string version = made.value()["metadata"]["resourceVersion"];
  EXPECT_TRUE(await([&] { return store_->includes(version); }));
}

TEST_F(Watches, BeginWithEveryPageOfALongList) {
  int made = 0;
  std::vector<std::unique_ptr<http::Call>> calls;
  for (int i = 0; i < ReflectorFsm::kPageSize + 100; ++i) {
    calls.push_back(port_->send(create(kConfigMaps, ns_, config_map(ns_, "n" + std::to_string(i))),
                                [&](const Result<http::Response>& r) { made += r && r.value().status == 201; }));
  }
  ASSERT_TRUE(await([&] { return made == ReflectorFsm::kPageSize + 100; }));
  reflector_.reset();
  Scope scope{kConfigMaps, ns_, "", "metadata.name!=kube-root-ca.crt", false};
  follow(scope);
  EXPECT_EQ(tampering_->sent.size(), 2U) << "pages";
  EXPECT_EQ(store_->size(), static_cast<std::size_t>(made) + 1);
  reflector_.reset();
  scope.stream_lists = true;
  follow(scope);
  EXPECT_EQ(tampering_->sent.size(), 0U) << "the list is a part of the watch";
  EXPECT_EQ(tampering_->streamed.size(), 1U);
  EXPECT_EQ(store_->size(), static_cast<std::size_t>(made) + 1);
  ASSERT_TRUE(make_config_map("zz"));
  EXPECT_TRUE(await([&] { return trace_.ends_with("+zz "); }));
}

TEST_F(Watches, GoOnWhereTheyWereAfterABrokenConnection) {
  ASSERT_TRUE(make_config_map("second"));
  ASSERT_TRUE(await([this] { return trace_.ends_with("+second "); }));
  const std::string seen = store_->resource_version();
  tampering_->down = true;
  tampering_->cut();
  ASSERT_TRUE(ask(merge_patch(kConfigMaps, key("first"), {{"data", {{"x", "1"}}}})));
  ASSERT_TRUE(ask(delete_(kConfigMaps, key("second"))));
  ASSERT_TRUE(make_config_map("third"));
  EXPECT_EQ(trace_, "+first +second ");
  tampering_->down = false;
  tampering_->cut();
  EXPECT_TRUE(await([this] { return trace_.ends_with("+third "); })) << trace_;
  EXPECT_EQ(trace_, "+first +second ~first -second +third ");
  EXPECT_EQ(tampering_->sent.size(), 0U);
  EXPECT_EQ(tampering_->streamed.back().find("sendInitialEvents"), std::string::npos) << "nothing is listed again";
  EXPECT_NE(tampering_->streamed.back().find("resourceVersion=" + seen + "&"), std::string::npos)
      << tampering_->streamed.back();
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

// The server does not promise a bookmark, but within a few watches one comes.
TEST_F(Watches, EndWhenTheirTimeIsOverAndBringBookmarks) {
  WatchOptions options;
  options.resource_version = store_->resource_version();
  options.timeout = std::chrono::seconds{3};
  const SteadyTime end = loop_.now() + std::chrono::seconds{30};
  for (bool bookmark = false; !bookmark;) {
    ASSERT_LT(loop_.now(), end) << "no bookmark came";
    RawWatch raw;
    const auto call = port_->stream(watch(kConfigMaps, ns_, options), raw);
    ASSERT_TRUE(await([&] { return raw.ended.has_value(); }));
    EXPECT_TRUE(*raw.ended);
    EXPECT_EQ(raw.status, 200);
    bookmark = !raw.types.empty() && raw.types.back() == EventType::bookmark;
  }
}

// A kind that is made now: the API server remembers nothing from before it, so an old version is surely too old.
class WatchesOfANewKind : public Watches {
 protected:
  void SetUp() override {
    Watches::SetUp();
    if (HasFatalFailure()) return;
    const json schema = {{"openAPIV3Schema", {{"type", "object"}}}};
    const json crd = {{"apiVersion", "apiextensions.k8s.io/v1"},
                      {"kind", "CustomResourceDefinition"},
                      {"metadata", {{"name", "things." + kThings_.group}}},
                      {"spec",
                       {{"group", kThings_.group},
                        {"scope", "Namespaced"},
                        {"names", {{"plural", "things"}, {"singular", "thing"}, {"kind", "Thing"}}},
                        {"versions", {{{"name", "v1"}, {"served", true}, {"storage", true}, {"schema", schema}}}}}}};
    const auto made = ask(create(kDefinitions_, "", crd));
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(ask_until([this] { return list(kThings_, ns_); }));
    ASSERT_TRUE(ask_until([this] { return create(kThings_, ns_, thing("first")); }));
    reflector_.reset();
  }
  void TearDown() override {
    reflector_.reset();
    if (port_) static_cast<void>(ask(delete_(kDefinitions_, {"", "things." + kThings_.group})));
    Watches::TearDown();
  }
  json thing(const std::string& name) const {
    return {
        {"apiVersion", kThings_.api_version()}, {"kind", "Thing"}, {"metadata", {{"namespace", ns_}, {"name", name}}}};
  }

  const Resource kDefinitions_{"apiextensions.k8s.io", "v1", "customresourcedefinitions", false};
  const Resource kThings_{"t" + std::to_string(random_.next() % 1'000'000'000) + ".atelier.test", "v1", "things", true};
};

TEST_F(WatchesOfANewKind, AreToldThatAnOldVersionIsGone) {
  RawWatch raw;
  WatchOptions options;
  options.resource_version = "1";
  options.timeout = std::chrono::seconds{5};
  const auto call = port_->stream(watch(kThings_, ns_, options), raw);
  ASSERT_TRUE(await([&] { return raw.ended.has_value() || raw.error; }));
  ASSERT_TRUE(raw.error) << raw.status;
  EXPECT_EQ(raw.error->code, Errc::gone) << raw.error->message;
}

class ExpiredWatches : public WatchesOfANewKind, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(OfStreamedAndPagedLists, ExpiredWatches, ::testing::Bool());

TEST_P(ExpiredWatches, ListAgainWhenTheirVersionIsGone) {
  tampering_->on_stream = [once = true](http::Request& request) mutable {
    std::string& target = request.target;
    const std::size_t at = target.find("resourceVersion=");
    if (at == std::string::npos || !std::exchange(once, false)) return;
    target.replace(at + 16, std::min(target.find('&', at), target.size()) - at - 16, "1");
  };
  const bool streams = GetParam();
  follow({kThings_, ns_, "", "", streams});
  if (streams) tampering_->cut();  // the stream that began with the list; the next one asks for a version
  const std::size_t streams_in_all = streams ? 3 : 2;
  ASSERT_TRUE(await([&] { return tampering_->streamed.size() == streams_in_all; })) << tampering_->streamed.size();
  EXPECT_EQ(tampering_->sent.size(), streams ? 0U : 2U);
  ASSERT_TRUE(ask(create(kThings_, ns_, thing("second"))));
  EXPECT_TRUE(await([this] { return trace_.ends_with("+second "); }));
  EXPECT_EQ(trace_, "+first +second ") << "what the second list repeats is no change";
}

TEST_F(Watches, OfTwoNamespacesFillOneStore) {
  const std::string other = ns_ + "-b";
  ASSERT_TRUE(
      ask(create(kNamespaces, "", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", other}}}})));
  ASSERT_TRUE(ask(create(kConfigMaps, other, config_map(other, "second"))));
  const std::string field = "metadata.name!=kube-root-ca.crt";
  Store<json> store{kConfigMaps.plural, decode};
  store.divide({ns_, other});
  Reflector here{Scope{kConfigMaps, ns_, "", field}, store, *port_, loop_, random_};
  Reflector there{Scope{kConfigMaps, other, "", field, false}, store, *port_, loop_, random_};
  here.start();
  there.start();
  EXPECT_TRUE(await([&] { return store.synced(); }));
  EXPECT_EQ(store.size(), 2U);
  EXPECT_TRUE(ask(delete_(kConfigMaps, key("first"))));
  EXPECT_TRUE(ask(create(kConfigMaps, other, config_map(other, "third"))));
  EXPECT_TRUE(await([&] { return store.get(key("first")) == nullptr && store.get({other, "third"}) != nullptr; }));
  EXPECT_EQ(store.size(), 2U);
  EXPECT_TRUE(ask(delete_(kNamespaces, {"", other})));
}

TEST_F(Watches, StopWithTheirCall) {
  RawWatch raw;
  WatchOptions options;
  options.resource_version = store_->resource_version();
  auto call = port_->stream(watch(kConfigMaps, ns_, options), raw);
  ASSERT_TRUE(await([&] { return raw.status == 200; }));
  call.reset();
  ASSERT_TRUE(make_config_map("after"));
  EXPECT_TRUE(await([this] { return trace_.ends_with("+after "); }));
  EXPECT_FALSE(raw.ended);
}

}  // namespace
}  // namespace atelier::kube
