#include "atelier/kube/controller_metrics.h"

#include <array>

#include "kube/key_writes.h"
#include "kube/metric_families.h"

namespace atelier::kube {
namespace {

using prometheus::Counter;

constexpr std::array kOutcomes{"success", "error", "requeue", "requeue_after"};   // as in Outcome
constexpr std::array kCauses{"answer", "change", "initial", "retry", "requeue"};  // as in Cause
constexpr const char* kLivePriority = "0";        // controller-runtime's default priority
constexpr const char* kInitialPriority = "-100";  // its handler.LowPriority

template <std::size_t size>
std::array<Counter*, size> counters(MetricFamilies::Counters& series, const std::string& name,
                                    const std::array<const char*, size>& values) {
  std::array<Counter*, size> found{};
  for (std::size_t i = 0; i < size; ++i) found[i] = &series.with({name, values[i]});
  return found;
}

}  // namespace

struct ControllerMetrics::Numbers {
  Numbers(MetricFamilies& families, const std::string& name)
      : outcomes(counters(families.reconciles, name, kOutcomes)),
        causes(counters(families.causes, name, kCauses)),
        errors(families.reconcile_errors.with({name})),
        panics(families.reconcile_panics.with({name})),
        time(families.reconcile_time.with({name})),
        active(families.active_workers.with({name})),
        most_active(families.max_workers.with({name})),
        plans(families.writing_plans.with({name})),
        writes(families.writes.with({name})),
        hottest(families.hottest.with({name})),
        live(families.depth.with({name, name, kLivePriority})),
        initial(families.depth.with({name, name, kInitialPriority})),
        adds(families.adds.with({name, name})),
        retries(families.retries.with({name, name})),
        queued(families.queued.with({name, name})),
        worked(families.worked.with({name, name})),
        unfinished(families.unfinished.with({name, name})),
        longest(families.longest.with({name, name})) {}

  std::array<Counter*, kOutcomes.size()> outcomes;
  std::array<Counter*, kCauses.size()> causes;
  Counter& errors;
  Counter& panics;
  prometheus::Histogram& time;
  prometheus::Gauge& active;
  prometheus::Gauge& most_active;
  Counter& plans;
  Counter& writes;
  prometheus::Gauge& hottest;
  prometheus::Gauge& live;
  prometheus::Gauge& initial;
  Counter& adds;
  Counter& retries;
  prometheus::Histogram& queued;
  prometheus::Histogram& worked;
  prometheus::Gauge& unfinished;
  prometheus::Gauge& longest;
  KeyWrites by_key;
};

ControllerMetrics::ControllerMetrics(MetricFamilies& families, const std::string& name)
    : numbers_(std::make_unique<Numbers>(families, name)) {}

ControllerMetrics::~ControllerMetrics() = default;

void ControllerMetrics::most_active(std::size_t keys) { numbers_->most_active.Set(static_cast<double>(keys)); }

void ControllerMetrics::added() { numbers_->adds.Increment(); }

void ControllerMetrics::delayed() { numbers_->retries.Increment(); }

void ControllerMetrics::began(Cause cause, Seconds waited) {
  numbers_->causes[static_cast<std::size_t>(cause)]->Increment();
  numbers_->queued.Observe(waited.count());
}

void ControllerMetrics::ended(Outcome outcome, Seconds took) {
  numbers_->outcomes[static_cast<std::size_t>(outcome)]->Increment();
  if (outcome == Outcome::error) numbers_->errors.Increment();
  numbers_->time.Observe(took.count());
  numbers_->worked.Observe(took.count());
}

void ControllerMetrics::threw() { numbers_->panics.Increment(); }

void ControllerMetrics::wrote(const ObjectKey& key, std::size_t writes, SteadyTime now) {
  numbers_->plans.Increment();
  numbers_->writes.Increment(static_cast<double>(writes));
  numbers_->by_key.add(key, writes, now);
}

void ControllerMetrics::loaded(const Load& load, SteadyTime now) {
  numbers_->live.Set(static_cast<double>(load.due.live));
  numbers_->initial.Set(static_cast<double>(load.due.initial));
  numbers_->active.Set(static_cast<double>(load.active));
  numbers_->unfinished.Set(load.unfinished.count());
  numbers_->longest.Set(load.longest.count());
  numbers_->hottest.Set(numbers_->by_key.most(now));
}

}  // namespace atelier::kube
