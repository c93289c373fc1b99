#include "app/operator.h"

#include <algorithm>
#include <utility>

#include "app/list_remedy.h"
#include "atelier/base/log.h"
#include "reconcile/business_domain_reconciler.h"
#include "reconcile/data_domain_reconciler.h"
#include "reconcile/pipeline_reconciler.h"
#include "reconcile/pod_retention.h"
#include "reconcile/run_reconciler.h"
#include "reconcile/wiring.h"
#include "reconcile/workspace_reconciler.h"

namespace atelier::app {
namespace {

kube::EventRecorder::Options event_options(const OperatorSettings& settings) {
  kube::EventRecorder::Options options;
  options.instance = settings.identity;
  return options;
}

}  // namespace

Operator::Operator(OperatorSettings settings, Ports ports, Loop& loop, Random& random, std::function<void()> lost)
    : settings_(std::move(settings)),
      loop_(loop),
      heard_api_(ports.api, reachability_),
      heard_lease_api_(ports.lease, reachability_),
      api_(heard_api_, settings_.server_url, loop, metrics_),
      lease_api_(heard_lease_api_, settings_.server_url, loop, metrics_),
      world_(settings_.watches),
      late_creates_(loop),
      lease_({settings_.lease_namespace, settings_.lease_name}, settings_.identity, settings_.lease, lease_api_, loop,
             random, {[this] { acquired(); }, lost}),
      events_(event_options(settings_), api_, loop, [this] { return leading(); }) {
  world_.operator_namespace = settings_.lease_namespace;
  const kube::Controller::Gates gates{[this] { return leading(); }, [this] { return world_.synced(); }};
  const kube::Controller::Gates tenancy_gates{gates.may_write,
                                              [this] { return world_.synced() && world_.tenancy_synced(); }};
  const kube::Controller::Environment environment{loop_, random, api_, events_, metrics_};
  const auto control_behind = [&](const kube::Controller::Gates& open, const char* name,
                                  std::unique_ptr<kube::Reconciler> reconciler) {
    controllers_.push_back(std::make_unique<kube::Controller>(name, environment, *reconciler, open,
                                                              kube::ReadYourWrites{world_.caches()}));
    reconcilers_.push_back(std::move(reconciler));
    kube::Controller* controller = controllers_.back().get();
    return [controller](const ObjectKey& key, kube::Priority priority) { controller->enqueue(key, priority); };
  };
  const auto control = [&](const char* name, std::unique_ptr<kube::Reconciler> reconciler) {
    return control_behind(gates, name, std::move(reconciler));
  };
  reconcile::Enqueue enqueue;
  // BusinessDomains, and what they set in namespaces, are the cluster's.
  enqueue.tenant = [](const ObjectKey&, kube::Priority) {};
  if (settings_.watches.all()) {
    enqueue.tenant =
        control_behind(tenancy_gates, "businessdomain", std::make_unique<reconcile::BusinessDomainReconciler>(world_));
  }
  enqueue.domain =
      control("datadomain", std::make_unique<reconcile::DataDomainReconciler>(world_, settings_.stage_image));
  if (ports.make_poller) {
    poller_ = ports.make_poller([this](const ObjectKey& key) { followed_changed_(key); });
  }
  enqueue.workspace = control(
      "workspace", std::make_unique<reconcile::WorkspaceReconciler>(world_, settings_.stage_image, poller_.get()));
  followed_changed_ = [into = enqueue.workspace](const ObjectKey& key) { into(key, kube::Priority::live); };
  enqueue.pipeline = control("pipeline", std::make_unique<reconcile::PipelineReconciler>(world_));
  enqueue.run =
      control("pipelinerun", std::make_unique<reconcile::RunReconciler>(world_, late_creates_, settings_.stage_image));
  enqueue.pod = control("pod", std::make_unique<reconcile::PodRetention>(world_));
  reconcile::wire(world_, std::move(enqueue));
  for (const auto& [cache, scope] : world_.watched()) {
    cache->on_progress([this] { progressed(); });
    reflectors_.push_back(std::make_unique<kube::Reflector>(scope, *cache, api_, loop, random));
    reflectors_.back()->measure(metrics_);
    reflectors_.back()->hear(reachability_);
    heed(*reflectors_.back(), scope);
    reflectors_.back()->on_went_back([this, lost, plural = cache->plural()] {
      if (std::exchange(stopped_, true)) return;
      log::error("the API server went back in time, as after a restore of etcd: what this process knows is no more",
                 {{"resource", plural}});
      lost();
    });
  }
  metrics_.on_scrape([this] { measure(); });
}

Operator::~Operator() = default;

// What it is refused is told with what to do about it, in the log and by readiness.
void Operator::heed(kube::Reflector& reflector, const kube::Scope& scope) {
  reflector.on_advice([scope](const Error& error) { return remedy_of(scope, error); });
  reflector.on_failure([this, scope](const Error& error) {
    const std::string part = kube::part_words(scope.resource.plural, scope.ns);
    refused_[part] = {part, error.message, remedy_of(scope, error)};
  });
}

void Operator::start() {
  started_ = loop_.now();
  // Caches fill while another leads, so that a change of leaders costs no list.
  for (const auto& reflector : reflectors_) reflector->start();
  lease_.start();
}

void Operator::progressed() {
  if (told_synced_ || !world_.synced()) return;
  told_synced_ = true;
  log::info("synced", {{"after", format_duration(std::chrono::duration_cast<Millis>(loop_.now() - started_))}});
}

void Operator::measure() {
  metrics_.leading(settings_.lease_name, leading());
  metrics_.events_dropped(events_.dropped());
  for (const kube::Cache* cache : world_.caches()) metrics_.cached(cache->plural(), cache->size());
}

std::vector<Check> Operator::ready_checks() {
  Readiness now{.leading = leading(), .holder = lease_.seen_holder(), .stopping = stopped_};
  for (const kube::Cache* cache : world_.caches()) {
    for (const std::string& part : cache->unlisted()) {
      const auto refused = refused_.find(part);
      now.unlisted.push_back(refused == refused_.end() ? Unlisted{part} : refused->second);
    }
  }
  std::vector<Check> checks = app::ready_checks(now);
  for (const auto& ask : also_needed_) checks.push_back(ask());
  return checks;
}

void Operator::acquired() {
  log::info("leading", {{"identity", settings_.identity}});
  if (!lease_.is_handed_over()) late_creates_.took_over();
  for (const auto& controller : controllers_) controller->start();
  for (kube::Cache* cache : world_.caches()) cache->tell_all();  // what came in while another led
}

void Operator::stop(std::function<void()> done) {
  if (std::exchange(stopped_, true)) return;
  const bool settled = !late_creates_.any() && std::all_of(controllers_.begin(), controllers_.end(),
                                                           [](const auto& one) { return one->settled(); });
  for (const auto& controller : controllers_) controller->stop();
  poller_.reset();
  lease_.release(std::move(done), settled);
}

bool Operator::leading() const { return !stopped_ && lease_.may_write(loop_.now()); }

bool Operator::idle() const {
  return std::all_of(controllers_.begin(), controllers_.end(), [](const auto& one) { return one->idle(); });
}

}  // namespace atelier::app
