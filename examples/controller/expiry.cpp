// A controller of one's own: deletes ConfigMaps when the time in their annotation example.dev/expires has come.
// docs/guides/write-a-controller.md goes through it.
#include <csignal>
#include <nlohmann/json.hpp>

#include "atelier/base/log.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "atelier/kube/controller.h"
#include "atelier/kube/lease.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/store.h"
#include "atelier/kube/watchdog.h"

using namespace atelier;

// What is kept of a ConfigMap.
struct Expiring {
  Uid uid;
  std::string version;
  std::string expires;
};

Result<std::shared_ptr<const Expiring>> decode(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return invalid("is not a ConfigMap");
  const auto& metadata = object["metadata"];
  const auto annotations = metadata.value("annotations", nlohmann::json::object());
  return std::make_shared<const Expiring>(Expiring{Uid{metadata.value("uid", "")},
                                                   metadata.value("resourceVersion", ""),
                                                   annotations.value("example.dev/expires", "")});
}

class ExpiryReconciler final : public kube::Reconciler {
 public:
  explicit ExpiryReconciler(const kube::Store<Expiring>& maps) : maps_(maps) {}

  kube::Plan reconcile(const ObjectKey& key, const kube::Feedback&, WallTime now) override {
    kube::Plan plan;
    const auto map = maps_.get(key);
    if (map == nullptr) return plan;
    const auto expires = parse_time(map->expires);
    if (!expires) {
      plan.events.push_back({kube::EventKind::warning,
                             "BadExpiry",
                             "metadata.annotations[example.dev/expires]: " + expires.error().message,
                             {"v1", "ConfigMap", key, map->uid}});
    } else if (now < expires.value()) {
      plan.requeue_after = std::chrono::ceil<Millis>(expires.value() - now);
    } else {
      kube::DeleteOptions only_this;  // not one of the same name that somebody has made or changed meanwhile
      only_this.uid = map->uid;
      only_this.resource_version = map->version;
      const auto request = kube::delete_(kube::kConfigMaps, key, only_this);
      plan.writes.push_back({"delete " + key.name, request, "configmaps", key});
    }
    return plan;
  }

 private:
  const kube::Store<Expiring>& maps_;
};

int main() {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  http::SystemRandom random;
  const auto config = kube::load_config("", "", loop, processes);
  if (!config) return log::error("no way to the API server", {{"error", config.error().message}}), 1;
  http::CurlPort api{loop, config.value().endpoint, "expiry/1"}, lease_api{loop, config.value().endpoint, "expiry/1"};
  const std::string identity = "expiry-" + std::to_string(random.next());

  kube::Store<Expiring> maps{"configmaps", decode};
  kube::Reflector reflector{{kube::kConfigMaps, "", "example.dev/expires=true", ""}, maps, api, loop, random};
  std::function<void()> on_acquired;
  const kube::Lease::Events changes{[&] { on_acquired(); }, [&] { loop.stop(); }};
  kube::Lease lease{{config.value().ns, "expiry"}, identity, {}, lease_api, loop, random, changes};
  const auto leads = [&] { return lease.may_write(loop.now()); };
  const auto synced = [&] { return maps.synced(); };
  kube::EventRecorder events{{.component = "expiry", .instance = identity}, api, loop, leads};
  kube::Metrics metrics;
  ExpiryReconciler reconciler{maps};
  const kube::Controller::Environment environment{loop, random, api, events, metrics};
  kube::Controller controller{"expiry", environment, reconciler, {leads, synced}, kube::ReadYourWrites{{&maps}}};
  maps.on_change([&](const auto& change) {
    controller.enqueue(change.key, change.initial ? kube::Priority::initial : kube::Priority::live);
  });
  on_acquired = [&] { controller.start(), maps.tell_all(); };
  loop.on_signal({SIGINT, SIGTERM}, [&](int) { controller.stop(), lease.release([&] { loop.stop(); }); });
  reflector.start();
  lease.start();
  const kube::Watchdog watchdog{[&] { return lease.deadline(); }, [] { kube::end_at_once(3); }};
  loop.run();
}
