#include "atelier/kube/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "kube/metric_families.h"

namespace atelier::kube {
namespace {

constexpr std::size_t kResources = 64;
constexpr std::size_t kReasons = 16;
constexpr std::size_t kHosts = 8;

// The first values there were; more are "other".
class LabelValues {
 public:
  explicit LabelValues(std::size_t most) : most_(most) {}

  std::string of(std::string_view value) {
    if (known_.contains(value)) return std::string(value);
    if (known_.size() >= most_) return "other";
    return *known_.emplace(value).first;
  }

 private:
  std::size_t most_;
  std::set<std::string, std::less<>> known_;
};

std::string code_of(int status) {
  return status >= 100 && status < 600 ? std::to_string(status) : "<error>";  // client-go's word
}

void set(prometheus::Counter& counter, double value) { counter.Increment(value - counter.Value()); }

}  // namespace

struct Metrics::State {
  MetricFamilies families;
  LabelValues resources{kResources};
  LabelValues reasons{kReasons};
  LabelValues results{kReasons};
  LabelValues hosts{kHosts};
  std::map<std::string, ControllerMetrics> controllers;
  std::vector<std::function<void()>> samples;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}

Metrics::~Metrics() = default;

ControllerMetrics& Metrics::controller(const std::string& name) {
  return state_->controllers.try_emplace(name, state_->families, name).first->second;
}

void Metrics::exchanged(const Exchange& exchange, Seconds took) {
  const std::string code = code_of(exchange.status);
  const std::string method{http::to_string(exchange.method)};
  const std::string host = state_->hosts.of(exchange.host);
  const std::string verb{exchange.verb};
  state_->families.requests.with({code, method, host}).Increment();
  state_->families.verb_time.with({verb, code}).Observe(took.count());
  // client-go does not time watches, and calls the method a verb here.
  if (verb != "WATCH") state_->families.request_time.with({method, host}).Observe(took.count());
}

void Metrics::watch_ended(std::string_view resource, std::string_view reason) {
  state_->families.watch_ends.with({state_->resources.of(resource), state_->reasons.of(reason)}).Increment();
}

void Metrics::listed(std::string_view resource, Seconds took) {
  state_->families.list_time.with({state_->resources.of(resource)}).Observe(took.count());
}

void Metrics::cached(std::string_view resource, std::size_t objects) {
  state_->families.cached.with({state_->resources.of(resource)}).Set(static_cast<double>(objects));
}

void Metrics::events_dropped(std::size_t so_far) {
  set(state_->families.dropped.with({}), static_cast<double>(so_far));
}

void Metrics::leading(const std::string& lease, bool is_leader) {
  state_->families.leading.with({lease}).Set(is_leader ? 1 : 0);
}

void Metrics::registry_polled(std::string_view result) {
  state_->families.registry_polls.with({state_->results.of(result)}).Increment();
}

void Metrics::process(const ProcessUsage& usage) {
  MetricFamilies& families = state_->families;
  set(families.cpu.with({}), usage.cpu_seconds);
  families.resident.with({}).Set(usage.resident_bytes);
  families.virtual_memory.with({}).Set(usage.virtual_bytes);
  families.open_fds.with({}).Set(usage.open_fds);
  families.max_fds.with({}).Set(usage.max_fds);
  families.start_time.with({}).Set(usage.start_time);
}

void Metrics::on_scrape(std::function<void()> sample) { state_->samples.push_back(std::move(sample)); }

std::string Metrics::scrape() {
  for (const auto& sample : state_->samples) sample();
  auto families = state_->families.registry.Collect();
  std::sort(families.begin(), families.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (auto& family : families) {
    std::sort(family.metric.begin(), family.metric.end(),
              [](const auto& a, const auto& b) { return a.label < b.label; });
  }
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, families);
  return text.str();
}

}  // namespace atelier::kube
