// Wires the operator to the real world: configuration, network, clock, signals.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>

#include "app/cluster_check.h"
#include "app/endpoints.h"
#include "app/operator.h"
#include "app/options.h"
#include "app/own_image.h"
#include "app/process_usage.h"
#include "atelier/base/log.h"
#include "atelier/http/asio_processes.h"
#include "atelier/http/authorities.h"
#include "atelier/http/curl_port.h"
#include "atelier/http/user_agent.h"
#include "atelier/kube/config.h"
#include "atelier/kube/watchdog.h"
#include "kube/text_file.h"
#include "registry/curl_ports.h"
#include "registry/http_poller.h"

namespace {

using namespace atelier;

// The host's name for people, random digits so that no two processes share it.
std::string identity(Random& random) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return std::string(host.data()) + "_" + std::to_string(random.next());
}

// Empty if there is none, which is told in the log.
std::string image_of(const ObjectKey& pod, http::Port& api, http::AsioLoop& loop, Random& random) {
  std::string image;
  const app::OwnImage asking{pod, api, loop, random, [&](const Result<std::string>& found) {
                               if (found) {
                                 image = found.value();
                               } else {
                                 log::error("no image for publish pods", {{"error", found.error().message}});
                               }
                               loop.stop();
                             }};
  loop.run();
  return image;
}

// What the operator's owner says about registries, with the authorities that are in a file.
Result<registry::Settings> registry_settings(const app::Options& options) {
  registry::Settings settings = options.registries;
  if (options.registry_ca.empty()) return settings;
  ATELIER_TRY(const std::string authorities, kube::read_whole_file(options.registry_ca));
  if (authorities.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return invalid(options.registry_ca + ": has no certificate in PEM");
  }
  settings.authorities_pem = http::system_authorities() + "\n" + authorities;
  return settings;
}

}  // namespace

int main(int argc, char** argv) {
  const app::Options options = app::parse_options(argc, argv);
  log::set_level(options.log_level);
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  const auto config = kube::load_config(options.kubeconfig, options.context, loop, processes);
  if (!config) {
    log::error("no way to the API server", {{"error", config.error().message}});
    return app::kExitFailure;
  }
  const auto registries = registry_settings(options);
  if (!registries) {
    log::error("--registry-ca cannot be used", {{"error", registries.error().message}});
    return app::kExitFailure;
  }

  http::SystemRandom random;
  const std::string agent = http::user_agent("atelier-operator", ATELIER_VERSION);
  http::CurlPort api{loop, config.value().endpoint, agent};
  http::CurlPort lease{loop, config.value().endpoint, agent};
  app::OperatorSettings settings;
  settings.stage_image = options.stage_image.empty() ? image_of(options.pod, api, loop, random) : options.stage_image;
  if (settings.stage_image.empty()) return app::kExitFailure;
  settings.lease_namespace = options.lease_namespace;
  settings.identity = identity(random);
  settings.watches.chosen = options.watch_namespaces;
  settings.server_url = config.value().endpoint.base_url;
  std::function<void(std::string_view)> polled;  // set when there is an operator that counts
  const app::MakePoller make_poller = [&](std::function<void(const ObjectKey&)> changed) {
    const registry::Settings& special = registries.value();
    return std::make_unique<registry::HttpPoller>(
        special, registry::HttpPoller::Environment{loop, random, registry::curl_ports(loop, agent, special)},
        registry::HttpPoller::Events{std::move(changed), [&polled](std::string_view result) { polled(result); }});
  };
  int status = 0;
  app::Operator op{settings, {api, lease, make_poller}, loop, random, [&] {
                     log::error("ending, to be started again");
                     status = app::kExitFailure;
                     loop.stop();
                   }};
  polled = [&op](std::string_view result) { op.metrics().registry_polled(result); };
  op.metrics().on_scrape([&op] { op.metrics().process(app::process_usage()); });
  app::ClusterCheck cluster{api, loop, random};
  op.also_needs([&cluster] { return app::Check{"cluster", cluster.failure()}; });
  const auto servers = app::serve(loop, options, op);
  if (!servers) {
    log::error("metrics and probes cannot be served", {{"error", servers.error().message}});
    return app::kExitFailure;
  }
  loop.on_signal({SIGINT, SIGTERM}, [&](int) {
    log::info("stopping");
    op.stop([&] { loop.stop(); });
  });
  log::info("starting", {{"version", ATELIER_VERSION}, {"server", config.value().endpoint.base_url}});
  op.start();
  cluster.start();
  // A loop that is not stuck notices by itself that the lease is lost, and ends in good order. Others wait 5 s longer.
  const auto overdue = [&op] {
    const SteadyTime deadline = op.deadline();
    return deadline == SteadyTime::max() ? deadline : deadline + std::chrono::seconds{1};
  };
  const kube::Watchdog watchdog{overdue, [] { kube::end_at_once(app::kExitStuck); }};
  loop.run();
  return status;
}
