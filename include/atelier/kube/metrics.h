// What the client counts and times, as text for Prometheus. docs/reference/metrics.md explains every metric.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "atelier/http/port.h"
#include "atelier/kube/controller_metrics.h"

namespace atelier::kube {

// On one loop, without a clock: durations are arguments. Labels never come from the names of tenants' objects; of
// resources, reasons and hosts there is a bound, beyond which they are "other".
class Metrics {
 public:
  using Seconds = std::chrono::duration<double>;

  // One request that was answered, or failed.
  struct Exchange {
    http::Method method = http::Method::get;
    std::string_view verb;  // GET, LIST, WATCH, POST, PUT, PATCH or DELETE
    std::string_view host;
    int status = 0;  // 0: no answer came
  };
  struct ProcessUsage {
    double cpu_seconds = 0;
    double resident_bytes = 0;
    double virtual_bytes = 0;
    double open_fds = 0;
    double max_fds = 0;
    double start_time = 0;  // Unix time
  };

  Metrics();
  ~Metrics();

  ControllerMetrics& controller(const std::string& name);  // stays valid
  void exchanged(const Exchange& exchange, Seconds took);

  // Of a reflector. `reason` is one of a few words, such as why its watch was not the last one.
  void watch_ended(std::string_view resource, std::string_view reason);
  void listed(std::string_view resource, Seconds took);

  void cached(std::string_view resource, std::size_t objects);
  void events_dropped(std::size_t so_far);
  void leading(const std::string& lease, bool is_leader);
  void registry_polled(std::string_view result);  // one of a few words
  void process(const ProcessUsage& usage);

  // `sample` is called before every scrape, to tell what is only known then. It stays for the life of this.
  void on_scrape(std::function<void()> sample);
  // In Prometheus' text format 0.0.4, sorted by name and labels.
  std::string scrape();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace atelier::kube
