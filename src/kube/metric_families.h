// Every metric there is: name, meaning, labels and buckets. docs/reference/metrics.md is held to it by a test.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace atelier::kube {

// One metric, by the values of its labels.
template <class T>
class Series {
 public:
  Series(prometheus::Registry& registry, const char* name, const char* help, std::vector<std::string> labels,
         std::vector<double> buckets = {})
      : family_(prometheus::detail::Builder<T>{}.Name(name).Help(help).Register(registry)),
        labels_(std::move(labels)),
        buckets_(std::move(buckets)) {}

  // REQUIRES as many values as there are labels. The reference stays valid.
  T& with(const std::vector<std::string>& values) {
    auto [at, is_new] = members_.try_emplace(values, nullptr);
    if (is_new) {
      prometheus::Labels named;
      for (std::size_t i = 0; i < labels_.size(); ++i) named.emplace(labels_[i], values.at(i));
      if constexpr (std::is_same_v<T, prometheus::Histogram>) {
        at->second = &family_.Add(named, buckets_);
      } else {
        at->second = &family_.Add(named);
      }
    }
    return *at->second;
  }

 private:
  prometheus::Family<T>& family_;
  std::vector<std::string> labels_;
  std::vector<double> buckets_;
  std::map<std::vector<std::string>, T*> members_;
};

// Buckets as client-go and controller-runtime have them, so that their dashboards fit.
inline const std::vector<double> kReconcileBuckets{
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,  1.25, 1.5,
    1.75,  2,    2.5,   3,    3.5, 4,    4.5, 5,    6,   7,    8,   9,    10,  15,  20,  25,  30,  40, 50,   60};
inline const std::vector<double> kQueueBuckets{1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000};
inline const std::vector<double> kRequestBuckets{0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60};

struct MetricFamilies {
  using Counters = Series<prometheus::Counter>;
  using Gauges = Series<prometheus::Gauge>;
  using Histograms = Series<prometheus::Histogram>;
  using Labels = std::vector<std::string>;

  prometheus::Registry registry;

  const Labels controller{"controller"};
  Counters reconciles{registry,
                      "controller_runtime_reconcile_total",
                      "Reconciliations by controller and result",
                      {"controller", "result"}};
  Counters reconcile_errors{registry, "controller_runtime_reconcile_errors_total", "Reconciliations that failed",
                            controller};
  Counters reconcile_panics{registry, "controller_runtime_reconcile_panics_total",
                            "Reconcilers that threw an exception", controller};
  Histograms reconcile_time{registry, "controller_runtime_reconcile_time_seconds",
                            "From taking a key until all of its writes are answered", controller, kReconcileBuckets};
  Gauges active_workers{registry, "controller_runtime_active_workers", "Keys with writes under way", controller};
  Gauges max_workers{registry, "controller_runtime_max_concurrent_reconciles", "The most keys with writes under way",
                     controller};
  Counters causes{registry,
                  "atelier_reconcile_causes_total",
                  "Reconciliations by why the key was in the queue",
                  {"controller", "cause"}};
  Counters writing_plans{registry, "atelier_writing_plans_total", "Plans that sent a write", controller};
  Counters writes{registry, "atelier_writes_total", "Writes that plans sent, without their reads", controller};
  Gauges hottest{registry, "atelier_hottest_key_writes", "Writes within a minute for the key with most of them",
                 controller};

  const Labels queue{"name", "controller"};
  Gauges depth{registry, "workqueue_depth", "Keys that are due", {"name", "controller", "priority"}};
  Counters adds{registry, "workqueue_adds_total", "Keys put into the queue", queue};
  Counters retries{registry, "workqueue_retries_total", "Keys put into the queue for later", queue};
  Histograms queued{registry, "workqueue_queue_duration_seconds", "From when a key is due until it is taken", queue,
                    kQueueBuckets};
  Histograms worked{registry, "workqueue_work_duration_seconds", "From taking a key until it is done", queue,
                    kQueueBuckets};
  Gauges unfinished{registry, "workqueue_unfinished_work_seconds", "Time spent so far on keys under way", queue};
  Gauges longest{registry, "workqueue_longest_running_processor_seconds",
                 "Time spent so far on the key that is longest under way", queue};

  Counters requests{registry,
                    "rest_client_requests_total",
                    "HTTP requests by status code, method and host",
                    {"code", "method", "host"}};
  Histograms request_time{registry,
                          "rest_client_request_duration_seconds",
                          "Time until a request is answered, watches left out",
                          {"verb", "host"},
                          kRequestBuckets};
  Histograms verb_time{registry,
                       "atelier_request_duration_seconds",
                       "Time until a request is answered, of a watch until its head",
                       {"verb", "code"},
                       kRequestBuckets};

  Counters watch_ends{registry, "atelier_watch_restarts_total", "Watches that ended", {"resource", "reason"}};
  Histograms list_time{
      registry, "atelier_list_duration_seconds", "Time of a whole list, all pages", {"resource"}, kRequestBuckets};
  Gauges cached{registry, "atelier_cache_objects", "Objects in a cache", {"resource"}};
  Counters dropped{registry, "atelier_events_dropped_total", "Events that were not written", {}};
  Counters registry_polls{registry, "atelier_registry_polls_total", "Questions to image registries", {"result"}};
  Gauges leading{
      registry, "leader_election_master_status", "1 while this process holds the lease, 0 while it does not", {"name"}};

  Counters cpu{registry, "process_cpu_seconds_total", "User and system CPU time", {}};
  Gauges resident{registry, "process_resident_memory_bytes", "Resident memory", {}};
  Gauges virtual_memory{registry, "process_virtual_memory_bytes", "Virtual memory", {}};
  Gauges open_fds{registry, "process_open_fds", "Open file descriptors", {}};
  Gauges max_fds{registry, "process_max_fds", "The most file descriptors that may be open", {}};
  Gauges start_time{registry, "process_start_time_seconds", "When the process started, in Unix time", {}};
};

}  // namespace atelier::kube
