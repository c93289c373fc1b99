// How long a run takes beyond what the API server needs: the operator against a bare client, in one process's view.
//   first pod: from sending the PipelineRun until the watch shows its first pod
//   chain:     from sending the first request until the watch shows the last of the chain's pods succeeded
// The bare client creates a pod when it sees the one before succeeded. Pods are completed by a simulated kubelet, for
// both in the same way. Prints one line a measure. The operator runs beside; bench/run starts everything.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "atelier/http/asio_loop.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/request.h"
#include "measure.h"
#include "reconcile/world.h"
#include "simulated_kubelet.h"

namespace atelier::bench {
namespace {

using nlohmann::json;
class Bench {
 public:
  Bench(http::AsioLoop& loop, const kube::Config& config, std::string ns)
      : loop_(loop),
        ns_(std::move(ns)),
        watching_(loop_, config.endpoint, "bench"),
        asking_(loop_, config.endpoint, "bench"),
        completing_(loop_, config.endpoint, "bench-kubelet"),
        pods_("pods", reconcile::decode_pod),
        kubelet_(pods_, completing_),
        reflector_({kube::kPods, "", "", ""}, pods_, watching_, loop_, random_) {
    pods_.on_change([this](const auto&) { look(); });
    reflector_.start();
    until([this] { return pods_.synced(); });
  }

  // From sending the run to its first pod, and to the last one's end.
  std::pair<double, double> run(const std::string& name, std::size_t tasks) {
    const json document = {{"apiVersion", api::kApiVersion},
                           {"kind", "PipelineRun"},
                           {"metadata", {{"name", name}, {"namespace", ns_}}},
                           {"spec", {{"pipeline", {{"name", "chain-" + std::to_string(tasks)}}}}}};
    const auto began = Clock::now();
    ask(kube::create(reconcile::resource_of<api::PipelineRun>(), ns_, document));
    const auto of_run = [&name](const reconcile::PodRecord& pod) { return pod.run == name; };
    until([&] { return count(of_run, false) > 0; });
    const double first = millis(Clock::now() - began);
    until([&] { return count(of_run, true) == tasks; });
    return {first, millis(Clock::now() - began)};
  }

  std::pair<double, double> bare(const std::string& name, std::size_t tasks) {
    double first = 0;
    const auto began = Clock::now();
    for (std::size_t i = 0; i < tasks; ++i) {
      const std::string pod = name + "-" + std::to_string(i);
      ask(kube::create(kube::kPods, ns_, plain_pod(pod)));
      const auto this_one = [&pod](const reconcile::PodRecord& one) { return one.name == pod; };
      if (i == 0) {
        until([&] { return count(this_one, false) > 0; });
        first = millis(Clock::now() - began);
      }
      until([&] { return count(this_one, true) > 0; });
    }
    return {first, millis(Clock::now() - began)};
  }

 private:
  json plain_pod(const std::string& name) const {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", name}, {"namespace", ns_}}},
            {"spec",
             {{"restartPolicy", "Never"},
              {"automountServiceAccountToken", false},
              {"containers", json::array({{{"name", "task"}, {"image", "bench/ws"}, {"command", {"true"}}}})}}}};
  }

  template <class Which>
  std::size_t count(Which which, bool ended) const {
    std::size_t found = 0;
    pods_.each([&](const ObjectKey&, const auto& pod) {
      if (which(*pod) && (!ended || pod->phase == reconcile::PodPhase::succeeded)) ++found;
    });
    return found;
  }

  // The answer is not waited for: what matters is when the watch shows the effect.
  void ask(http::Request request) {
    call_ = asking_.send(std::move(request), [](const Result<http::Response>& answer) {
      if (answer && answer.value().status < 300) return;
      std::fprintf(stderr, "bench: a request was refused: %s\n",
                   answer ? answer.value().body.c_str() : answer.error().message.c_str());
      std::exit(1);
    });
  }

  void until(std::function<bool()> reached) {
    if (reached()) return;
    reached_ = std::move(reached);
    const auto limit = loop_.after(Millis{60'000}, [] {
      std::fprintf(stderr, "bench: nothing came within a minute\n");
      std::exit(1);
    });
    const auto tick = loop_.after(Millis{0}, [this] { look(); });
    loop_.run();
    reached_ = nullptr;
  }
  void look() {
    if (reached_ && (reached_)()) loop_.stop();
  }

  http::AsioLoop& loop_;
  std::string ns_;
  http::SystemRandom random_;
  http::CurlPort watching_, asking_, completing_;
  kube::Store<reconcile::PodRecord> pods_;
  SimulatedKubelet kubelet_;
  kube::Reflector reflector_;
  std::unique_ptr<http::Call> call_;
  std::function<bool()> reached_;
};

struct Series {
  std::vector<double> first, chain;
  void add(std::pair<double, double> one) {
    first.push_back(one.first);
    chain.push_back(one.second);
  }
};

int measure(const std::string& kubeconfig, const std::string& ns, int rounds, std::size_t tasks, bool wait_only) {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  const auto config = kube::load_config(kubeconfig, "", loop, processes);
  if (!config) {
    std::fprintf(stderr, "bench: %s\n", config.error().message.c_str());
    return 1;
  }
  Bench bench{loop, config.value(), ns};
  const std::string salt = std::to_string(Clock::now().time_since_epoch().count());
  bench.run("warm-" + salt, tasks);  // the workspace's first release is in this one
  if (wait_only) return 0;
  bench.bare("warm-bare-" + salt, tasks);
  Series operated, bare;
  for (int round = 0; round < rounds; ++round) {  // in turns, so that both meet the same machine
    operated.add(bench.run("run-" + salt + "-" + std::to_string(round), tasks));
    bare.add(bench.bare("bare-" + salt + "-" + std::to_string(round), tasks));
  }
  std::printf("first pod:       operator %7.1f ms   bare client %7.1f ms   ratio %.2f   (median of %d)\n",
              median(operated.first), median(bare.first), median(operated.first) / median(bare.first), rounds);
  std::printf("chain of %2zu:     operator %7.1f ms   bare client %7.1f ms   ratio %.2f   (median of %d)\n", tasks,
              median(operated.chain), median(bare.chain), median(operated.chain) / median(bare.chain), rounds);
  return 0;
}

}  // namespace
}  // namespace atelier::bench

int main(int argc, char** argv) {
  CLI::App app{"Measures runs against a bare client.", "bench_runs"};
  std::string kubeconfig, ns = "bench";
  int rounds = 15;
  std::size_t tasks = 20;
  bool wait_only = false;
  app.add_option("--kubeconfig", kubeconfig, "of an administrator")->required();
  app.add_option("--namespace", ns, "with the Pipeline chain-TASKS and its Workspace");
  app.add_option("--rounds", rounds, "how often each is measured");
  app.add_option("--tasks", tasks, "in the chain");
  app.add_flag("--warm-up-only", wait_only, "one run, and no measurement");
  CLI11_PARSE(app, argc, argv);
  return atelier::bench::measure(kubeconfig, ns, rounds, tasks, wait_only);
}
