#include "atelier/kube/metrics.h"

#include <gtest/gtest.h>

#include "support/scrape.h"

namespace atelier::kube {
namespace {

using std::chrono::milliseconds;

TEST(Metrics, AreNothingBeforeAnythingHappened) { EXPECT_EQ(Metrics{}.scrape(), ""); }

TEST(Metrics, AreWrittenAsPrometheusReadsThem) {
  Metrics metrics;
  metrics.watch_ended("pods", "gone");
  metrics.watch_ended("deployments", "ended");
  metrics.watch_ended("pods", "gone");
  metrics.listed("pods", milliseconds{300});
  metrics.cached("pods", 12);
  metrics.cached("pods", 10'000'000);
  metrics.events_dropped(3);
  metrics.events_dropped(5);
  metrics.leading("lease", false);
  EXPECT_EQ(metrics.scrape(), R"(# HELP atelier_cache_objects Objects in a cache
# TYPE atelier_cache_objects gauge
atelier_cache_objects{resource="pods"} 10000000
# HELP atelier_events_dropped_total Events that were not written
# TYPE atelier_events_dropped_total counter
atelier_events_dropped_total 5
# HELP atelier_list_duration_seconds Time of a whole list, all pages
# TYPE atelier_list_duration_seconds histogram
atelier_list_duration_seconds_count{resource="pods"} 1
atelier_list_duration_seconds_sum{resource="pods"} 0.3
atelier_list_duration_seconds_bucket{resource="pods",le="0.005"} 0
atelier_list_duration_seconds_bucket{resource="pods",le="0.025"} 0
atelier_list_duration_seconds_bucket{resource="pods",le="0.1"} 0
atelier_list_duration_seconds_bucket{resource="pods",le="0.25"} 0
atelier_list_duration_seconds_bucket{resource="pods",le="0.5"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="1"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="2"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="4"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="8"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="15"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="30"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="60"} 1
atelier_list_duration_seconds_bucket{resource="pods",le="+Inf"} 1
# HELP atelier_watch_restarts_total Watches that ended
# TYPE atelier_watch_restarts_total counter
atelier_watch_restarts_total{reason="ended",resource="deployments"} 1
atelier_watch_restarts_total{reason="gone",resource="pods"} 2
# HELP leader_election_master_status 1 while this process holds the lease, 0 while it does not
# TYPE leader_election_master_status gauge
leader_election_master_status{name="lease"} 0
)");
}

TEST(Metrics, ShowAControllerBeforeItDidAnything) {
  Metrics metrics;
  metrics.controller("run").most_active(64);
  const std::string scrape = metrics.scrape();
  for (const char* series : {R"(controller_runtime_reconcile_total{controller="run",result="requeue_after"})",
                             R"(controller_runtime_reconcile_errors_total{controller="run"})",
                             R"(controller_runtime_reconcile_panics_total{controller="run"})",
                             R"(atelier_reconcile_causes_total{cause="answer",controller="run"})",
                             R"(workqueue_depth{controller="run",name="run",priority="-100"})",
                             R"(workqueue_queue_duration_seconds_bucket{controller="run",name="run",le="1e-08"})"}) {
    EXPECT_EQ(testing::value_in(scrape, series), "0") << series;
  }
  EXPECT_EQ(testing::value_in(scrape, R"(controller_runtime_max_concurrent_reconciles{controller="run"})"), "64");
}

TEST(Metrics, SampleWhatIsOnlyKnownAtAScrape) {
  Metrics metrics;
  std::size_t objects = 0;
  metrics.on_scrape([&] { metrics.cached("pods", ++objects); });
  metrics.scrape();
  EXPECT_EQ(testing::value_in(metrics.scrape(), R"(atelier_cache_objects{resource="pods"})"), "2");
}

TEST(Metrics, BoundTheirLabels) {
  Metrics metrics;
  for (int i = 0; i < 100; ++i) metrics.watch_ended("pods", "reason " + std::to_string(i));
  metrics.watch_ended("pods", "reason 15");
  EXPECT_EQ(testing::value_in(metrics.scrape(), R"(atelier_watch_restarts_total{reason="other",resource="pods"})"),
            "84");
  EXPECT_EQ(testing::value_in(metrics.scrape(), R"(atelier_watch_restarts_total{reason="reason 15",resource="pods"})"),
            "2");
  for (const int status : {-1, 0, 99, 600, 123'456}) {
    metrics.exchanged({.verb = "GET", .host = "api", .status = status}, milliseconds{1});
  }
  EXPECT_EQ(
      testing::value_in(metrics.scrape(), R"(rest_client_requests_total{code="<error>",host="api",method="GET"})"),
      "5");
  for (int i = 0; i < 100; ++i) metrics.cached("resource" + std::to_string(i), 1);
  EXPECT_EQ(testing::value_in(metrics.scrape(), R"(atelier_cache_objects{resource="other"})"), "1");
}

TEST(Metrics, EscapeWhatTheyAreGiven) {
  Metrics metrics;
  metrics.watch_ended("pods", "a \"b\"\nc\\");
  EXPECT_NE(metrics.scrape().find(R"({reason="a \"b\"\nc\\",resource="pods"} 1)"), std::string::npos);
}

TEST(Metrics, TellTheProcessUsage) {
  Metrics metrics;
  metrics.process({.cpu_seconds = 1.5, .resident_bytes = 4'096, .open_fds = 7});
  metrics.process({.cpu_seconds = 1.75, .resident_bytes = 2'048, .open_fds = 6});
  const std::string scrape = metrics.scrape();
  EXPECT_EQ(testing::value_in(scrape, "process_cpu_seconds_total"), "1.75");
  EXPECT_EQ(testing::value_in(scrape, "process_resident_memory_bytes"), "2048");
  EXPECT_EQ(testing::value_in(scrape, "process_open_fds"), "6");
}

}  // namespace
}  // namespace atelier::kube
