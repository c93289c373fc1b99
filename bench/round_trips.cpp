// CPU time of a request and its answer: CurlPort against a bare libcurl multi loop, GET and PATCH of a ConfigMap in
// turn over 16 connections, in one process against one API server.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "atelier/http/asio_loop.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/kube/config.h"
#include "atelier/kube/request.h"
#include "bare_curl.h"
#include "measure.h"

namespace atelier::bench {
namespace {

constexpr std::size_t kConnections = 16;
constexpr std::size_t kRequests = 4'000;
constexpr int kRounds = 5;

const ObjectKey kKey{"default", "bench-round-trips"};

std::vector<http::Request> requests() {
  std::vector<http::Request> all;
  for (std::size_t i = 0; i < kRequests; i += 2) {
    all.push_back(kube::get(kube::kConfigMaps, kKey));
    all.push_back(kube::merge_patch(kube::kConfigMaps, kKey, {{"data", {{"at", std::to_string(i)}}}}));
  }
  return all;
}

void perform(http::AsioLoop& loop, http::Port& port, const std::vector<http::Request>& all) {
  std::vector<std::unique_ptr<http::Call>> calls;
  std::size_t done = 0;
  for (const http::Request& request : all) {
    calls.push_back(port.send(request, [&](const Result<http::Response>& response) {
      if (!response || response.value().status != 200) throw std::runtime_error("a request failed");
      if (++done == all.size()) loop.stop();
    }));
  }
  loop.run();
}

int run(const std::string& kubeconfig) {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  const auto config = kube::load_config(kubeconfig, "", loop, processes);
  if (!config) throw std::runtime_error(config.error().message);
  const http::Endpoint& endpoint = config.value().endpoint;
  http::Credential credential{endpoint.bearer_token, endpoint.ca_pem, endpoint.client_cert_pem,
                              endpoint.client_key_pem};
  if (endpoint.credentials) {
    endpoint.credentials->get([&](const Result<http::Credentials::Snapshot>& now) { credential = *now.value(); });
  }
  http::CurlPort port{loop, endpoint, "bench", {.concurrent = kConnections}};
  const nlohmann::json object = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", kKey.name}}}};
  const auto made = port.send(kube::create(kube::kConfigMaps, kKey.ns, object), [&](const auto&) { loop.stop(); });
  loop.run();

  const std::vector<http::Request> ours = requests();
  std::vector<BareRequest> bare;
  for (const http::Request& request : ours) {
    const bool writes = request.method == http::Method::patch;
    bare.push_back({std::string(http::to_string(request.method)), request.target,
                    writes ? "application/merge-patch+json" : "", request.body});
  }
  BareClient client{endpoint.base_url, credential, kConnections};
  std::vector<double> port_cpu, bare_cpu;
  for (int round = 0; round <= kRounds; ++round) {  // the first opens connections
    const double before = cpu_micros();
    client.perform(bare);
    const double between = cpu_micros();
    perform(loop, port, ours);
    const double after = cpu_micros();
    if (round == 0) continue;
    bare_cpu.push_back((between - before) / kRequests);
    port_cpu.push_back((after - between) / kRequests);
  }
  std::printf("round trip: %.1f us of CPU, bare libcurl %.1f us, ratio %.2f (medians of %d)\n", median(port_cpu),
              median(bare_cpu), median(port_cpu) / median(bare_cpu), kRounds);
  return within("the CPU of a round trip, as a ratio,", median(port_cpu) / median(bare_cpu), 1.3) ? 0 : 1;
}

}  // namespace
}  // namespace atelier::bench

int main(int argc, char** argv) {
  CLI::App app{"CPU time of a request, against a bare libcurl loop", "bench_round_trips"};
  std::string kubeconfig;
  app.add_option("--kubeconfig", kubeconfig, "Of an API server that may be written to")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return atelier::bench::run(kubeconfig);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
