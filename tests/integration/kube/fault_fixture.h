// A real cluster behind a proxy that harms what passes. The fixture's own requests go past it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "atelier/kube/reflector.h"
#include "atelier/kube/store.h"
#include "integration/kube/real_cluster.h"
#include "support/fault_proxy.h"
#include "support/scrape.h"

namespace atelier::testing {

// The shortest of all jittered waits.
class LeastRandom final : public Random {
 public:
  std::uint64_t next() override { return 0; }
};

class FaultyCluster : public RealCluster {
 protected:
  void SetUp() override {
    RealCluster::SetUp();
    if (HasFatalFailure()) return;
    proxy_ = std::make_unique<FaultProxy>(loop_, config_.endpoint);
    faulty_ = std::make_unique<http::CurlPort>(loop_, proxy_->endpoint(), "atelier-test");
  }
  void TearDown() override {
    faulty_.reset();
    proxy_.reset();
    RealCluster::TearDown();
  }

  Result<json> ask_faulty(http::Request request) { return ask(std::move(request), *faulty_); }
  http::Request new_config_map(const std::string& name, json data = json::object()) const {
    return kube::create(kube::kConfigMaps, ns_, config_map(ns_, name, std::move(data)));
  }
  // Whatever the server's own controllers put into a namespace is left out.
  http::Request list_config_maps() const {
    kube::ListOptions options;
    options.field_selector = kOurs;
    return kube::list(kube::kConfigMaps, ns_, options);
  }
  std::string log() const {
    std::string text;
    for (const LogEntry& entry : proxy_->log()) text += to_string(entry) + "\n";
    return text;
  }

  static constexpr const char* kOurs = "metadata.name!=kube-root-ca.crt";

  LeastRandom random_;
  std::unique_ptr<FaultProxy> proxy_;
  std::unique_ptr<http::CurlPort> faulty_;
};

// An event that a reflector does not take.
inline std::string too_long_event() {
  return R"({"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"long"},"data":{"x":")" +
         std::string(kube::Framer::kLongestLine, 'x') + "\"}}}\n";
}

// Reflectors of the namespace's ConfigMaps through the proxy, and what their stores told.
class FaultyWatches : public FaultyCluster {
 protected:
  struct Follower {
    explicit Follower(FaultyWatches& test)
        : store("configmaps",
                [](std::string_view object) -> Result<std::shared_ptr<const json>> {
                  json document = json::parse(object, nullptr, false);
                  if (document.is_discarded()) return invalid("no JSON");
                  return std::make_shared<const json>(std::move(document));
                }),
          reflector({kube::kConfigMaps, test.ns_, "", kOurs, test.streams_lists_}, store,
                    test.their_port_ ? *test.their_port_ : *test.faulty_,
                    test.their_loop_ ? *test.their_loop_ : test.loop_, test.random_) {
      reflector.measure(test.metrics_);
      store.on_change([this](const kube::Change<json>& change) {
        trace += (change.before ? (change.now ? "~" : "-") : "+") + change.key.name + " ";
      });
    }
    kube::Store<json> store;
    std::string trace;
    kube::Reflector reflector;
  };

  void TearDown() override {
    followers_.clear();
    FaultyCluster::TearDown();
  }
  Follower& start_follower() {
    followers_.push_back(std::make_unique<Follower>(*this));
    followers_.back()->reflector.start();
    return *followers_.back();
  }
  // Returns when it has its list and its watch is being answered.
  Follower& follow() {
    Follower& follower = start_follower();
    const std::size_t watches = proxy_->watches();
    EXPECT_TRUE(await([&] { return follower.store.synced() && proxy_->watches() > watches; })) << log();
    return follower;
  }
  [[nodiscard]] bool all(const std::string& trace) {
    return await([&] {
      for (const auto& follower : followers_) {
        if (follower->trace != trace) return false;
      }
      return true;
    });
  }
  std::string traces() const {
    std::string text;
    for (const auto& follower : followers_) text += follower->trace + "\n";
    return text;
  }
  // Of watches that ended for this reason, of all followers.
  std::string ended(const std::string& reason) {
    return value_in(metrics_.scrape(),
                    R"(atelier_watch_restarts_total{reason=")" + reason + R"(",resource="configmaps"})");
  }
  std::size_t lists() const { return proxy_->requests("GET", "/configmaps") - watches(); }
  std::size_t watches() const { return proxy_->requests("GET", kWatch); }

  // Of the followers to come. Null: the port through the proxy, and the test's loop.
  bool streams_lists_ = false;
  std::unique_ptr<http::Port> their_port_;
  std::unique_ptr<Loop> their_loop_;

  kube::Metrics metrics_;

  static constexpr const char* kWatch = "watch=1";
  static constexpr const char* kList = "limit=500";

  std::vector<std::unique_ptr<Follower>> followers_;
};

}  // namespace atelier::testing
