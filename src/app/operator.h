// The operator above the network: caches, queues, reconcilers and the Lease that lets one process write.
// The simulator builds the same object over a port and a loop of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/readiness.h"
#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "atelier/kube/controller.h"
#include "atelier/kube/events.h"
#include "atelier/kube/lease.h"
#include "atelier/kube/metered_port.h"
#include "atelier/kube/metrics.h"
#include "atelier/kube/reachability.h"
#include "atelier/kube/reflector.h"
#include "atelier/registry/poller.h"
#include "reconcile/late_creates.h"
#include "reconcile/world.h"

namespace atelier::app {

// Who asks registries; `changed` is called for each workspace whose answer became another one.
using MakePoller = std::function<std::unique_ptr<registry::Poller>(std::function<void(const ObjectKey&)> changed)>;

struct OperatorSettings {
  std::string stage_image;  // holds the static /atelier-stage
  std::string lease_namespace = "atelier-system";
  std::string lease_name = "atelier-operator";
  std::string identity;  // differs between any two processes that ever run
  kube::LeaseTimes lease;
  std::string server_url{};  // of the API server, for metrics
  reconcile::WatchedNamespaces watches{};
};

// All on one loop. Destroying it is a crash: nothing more is sent, what is under way may or may not be applied.
class Operator {
 public:
  struct Ports {
    http::Port& api;
    http::Port& lease;            // of its own, so that a renewal waits for nothing
    MakePoller make_poller = {};  // absent: no image is followed
  };

  // References are borrowed. `lost` is called when another may lead, or the API server went back in time: the process
  // must end.
  Operator(OperatorSettings settings, Ports ports, Loop& loop, Random& random, std::function<void()> lost);
  ~Operator();

  void start();
  // Ends writing and asking registries, gives the lease up, then calls `done`. Later calls are ignored.
  void stop(std::function<void()> done);

  const reconcile::World& world() const { return world_; }
  bool leading() const;
  std::vector<Check> ready_checks();
  // Asked by each ready_checks().
  void also_needs(std::function<Check()> check) { also_needed_.push_back(std::move(check)); }
  kube::Metrics& metrics() { return metrics_; }
  bool idle() const;  // nothing queued but what waits for its time
  // For the watchdog, from any thread: see kube::Lease::deadline().
  SteadyTime deadline() const { return lease_.deadline(); }

 private:
  void acquired();
  void progressed();
  void measure();
  void heed(kube::Reflector& reflector, const kube::Scope& scope);

  OperatorSettings settings_;
  Loop& loop_;
  kube::Metrics metrics_;
  kube::Reachability reachability_;
  kube::ReachabilityPort heard_api_;
  kube::ReachabilityPort heard_lease_api_;
  kube::MeteredPort api_;
  kube::MeteredPort lease_api_;
  reconcile::World world_;
  reconcile::LateCreates late_creates_;
  kube::Lease lease_;
  bool stopped_ = false;
  SteadyTime started_{};
  bool told_synced_ = false;
  kube::EventRecorder events_;
  std::vector<std::unique_ptr<kube::Reconciler>> reconcilers_;
  std::vector<std::unique_ptr<kube::Controller>> controllers_;
  std::vector<std::unique_ptr<kube::Reflector>> reflectors_;
  std::vector<std::function<Check()>> also_needed_;
  std::map<std::string, Unlisted> refused_;  // the last refusal of each list, by kube::Cache::unlisted()'s words
  std::function<void(const ObjectKey&)> followed_changed_;
  std::unique_ptr<registry::Poller> poller_;
};

}  // namespace atelier::app
