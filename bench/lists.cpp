// A cache of very many pods: by how much the process grows, and how long filling takes against libcurl receiving the
// same streamed list. Makes the pods first; the API server needs no node for them.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "atelier/http/asio_loop.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/request.h"
#include "bare_curl.h"
#include "measure.h"
#include "reconcile/world.h"
#include "task_pods.h"

namespace atelier::bench {
namespace {

using nlohmann::json;

constexpr int kRounds = 3;

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  double pages_in_all = 0, resident = 0;
  file >> pages_in_all >> resident;
  return resident * 4096 / 1e6;
}

// The highest that it was since forget_peak(): proc_pid_status(5), proc_pid_clear_refs(5).
double peak_megabytes() {
  std::ifstream file("/proc/self/status");
  std::string word;
  double kibibytes = 0;
  while (file >> word && word != "VmHWM:") {
  }
  file >> kibibytes;
  return kibibytes * 1024 / 1e6;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5\n"; }

class Lists {
 public:
  Lists(http::AsioLoop& loop, const http::Endpoint& endpoint)
      : loop_(loop), endpoint_(endpoint), port_(loop, endpoint, "bench") {
    credential_ = {endpoint.bearer_token, endpoint.ca_pem, endpoint.client_cert_pem, endpoint.client_key_pem};
    if (!endpoint.credentials) return;
    endpoint.credentials->get([&](const Result<http::Credentials::Snapshot>& now) { credential_ = *now.value(); });
  }

  void make(std::size_t count) {
    for (int ns = 0; ns < 20; ++ns) {
      post(kube::create(
          kube::kNamespaces, "",
          {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "team-" + std::to_string(ns)}}}}));
    }
    wait();
    const TaskPods pods;
    for (std::size_t i = 0; i < count; ++i) {
      json pod = json::parse(pods.text(i));
      for (const char* field :
           {"uid", "resourceVersion", "managedFields", "creationTimestamp", "generation", "ownerReferences"}) {
        pod["metadata"].erase(field);
      }
      pod.erase("status");
      for (const char* field : {"priority", "preemptionPolicy", "serviceAccount", "serviceAccountName"})
        pod["spec"].erase(field);
      post(kube::create(kube::kPods, pod["metadata"]["namespace"].get<std::string>(), pod));
      if (calls_.size() == 500) wait();
    }
    wait();
  }

  double fill() {
    http::SystemRandom random;
    world_ = std::make_unique<reconcile::World>();
    const auto began = Clock::now();
    kube::Reflector reflector{{kube::kPods, "", render_selector(), ""}, world_->pods, port_, loop_, random};
    world_->pods.on_progress([this] { loop_.stop(); });
    reflector.start();
    while (!world_->pods.synced()) loop_.run();
    return millis(Clock::now() - began);
  }
  double receive() {
    kube::WatchOptions options;
    options.label_selector = render_selector();
    options.initial_events = true;
    const auto request = kube::watch(kube::kPods, "", options);
    std::string tail;
    const auto began = Clock::now();
    receive_bare(endpoint_.base_url, credential_, request.target, [&](std::string_view piece) {
      tail += piece;
      const bool end = tail.find("k8s.io/initial-events-end") != std::string::npos;
      if (tail.size() > 64) tail.erase(0, tail.size() - 64);
      return end;
    });
    return millis(Clock::now() - began);
  }
  std::size_t cached() const { return world_->pods.size(); }
  void forget() { world_.reset(); }

 private:
  static std::string render_selector() { return "app.kubernetes.io/managed-by=atelier"; }
  void post(http::Request request) {
    calls_.push_back(port_.send(std::move(request), [this](const Result<http::Response>& response) {
      if (response && response.value().status != 201 && response.value().status != 409) {
        std::fprintf(stderr, "bench: %s\n", response.value().body.c_str());
      }
      if (++answered_ == calls_.size()) loop_.stop();
    }));
  }
  void wait() {
    if (answered_ < calls_.size()) loop_.run();
    calls_.clear();
    answered_ = 0;
  }

  http::AsioLoop& loop_;
  http::Endpoint endpoint_;
  http::Credential credential_;
  http::CurlPort port_;
  std::vector<std::unique_ptr<http::Call>> calls_;
  std::size_t answered_ = 0;
  std::unique_ptr<reconcile::World> world_;
};

int run(const std::string& kubeconfig, std::size_t pods, bool make) {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  const auto config = kube::load_config(kubeconfig, "", loop, processes);
  if (!config) throw std::runtime_error(config.error().message);
  Lists lists{loop, config.value().endpoint};
  if (make) {
    lists.make(pods);
    return 0;
  }
  lists.receive();  // so that the server has its memory by now
  const double before = resident_megabytes();
  forget_peak();
  std::vector<double> filled{lists.fill()};
  const double grown = peak_megabytes() - before;
  const std::size_t cached = lists.cached();
  std::vector<double> received{lists.receive()};
  for (int round = 1; round < kRounds; ++round) {
    lists.forget();
    filled.push_back(lists.fill());
    received.push_back(lists.receive());
  }
  std::printf(
      "list of %zu pods: at most %.0f MB more resident, %.2f s, received by libcurl in %.2f s, ratio %.2f (medians of "
      "%d)\n",
      cached, grown, median(filled) / 1e3, median(received) / 1e3, median(filled) / median(received), kRounds);
  const bool fast = within("the time of a list, as a ratio,", median(filled) / median(received), 1.5);
  const bool small =
      within("resident memory, in MB for each 100,000 pods,", grown * 1e5 / static_cast<double>(cached), 100);
  return cached >= pods && fast && small ? 0 : 1;  // some may have been there before
}

}  // namespace
}  // namespace atelier::bench

int main(int argc, char** argv) {
  CLI::App app{"A cache of very many pods", "bench_lists"};
  std::string kubeconfig;
  std::size_t pods = 100'000;
  bool make = false;
  app.add_option("--kubeconfig", kubeconfig, "Of an API server that may be filled")->required();
  app.add_option("--pods", pods, "How many")->capture_default_str();
  app.add_flag("--make", make, "Make them, and measure nothing");
  CLI11_PARSE(app, argc, argv);
  try {
    return atelier::bench::run(kubeconfig, pods, make);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
