#include "cli/session.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "atelier/http/asio_processes.h"
#include "atelier/http/curl_port.h"
#include "atelier/http/user_agent.h"
#include "atelier/kube/config.h"
#include "atelier/kube/status_error.h"

namespace atelier::cli {
namespace {

// In the order in which each needs those before it.
struct Network {
  http::AsioLoop loop;
  http::AsioProcesses processes{loop};
  http::SystemRandom random;
  std::optional<http::CurlPort> port;
};

class OwnSession final : public Session {
 public:
  OwnSession(std::unique_ptr<Network> network, std::string ns, std::string server)
      : Session({*network->port, network->loop, network->random, [&loop = network->loop] { loop.run(); },
                 [&loop = network->loop] { loop.stop(); }},
                std::move(ns), std::move(server)),
        network_(std::move(network)) {}

 private:
  std::unique_ptr<Network> network_;
};

}  // namespace

Result<http::Response> Session::exchange(http::Request request) {
  std::optional<Result<http::Response>> answer;
  const auto call = parts_.port.send(std::move(request), [&](Result<http::Response> response) {
    answer = std::move(response);
    parts_.stop();
  });
  parts_.run();
  if (!answer) return Error{Errc::cancelled, "interrupted"};
  return std::move(*answer);
}

Result<nlohmann::json> Session::ask(http::Request request) { return kube::answer_of(exchange(std::move(request))); }

Result<std::string> Session::read(http::Request request) {
  ATELIER_TRY(auto response, exchange(std::move(request)));
  if (response.status < 200 || response.status > 299) return kube::error_of(response);
  return std::move(response.body);
}

Result<std::unique_ptr<Session>> connect(const ClusterOptions& options) {
  auto network = std::make_unique<Network>();
  const auto config = kube::load_config(options.kubeconfig, options.context, network->loop, network->processes);
  if (!config) return Error{Errc::transport, config.error().message};
  network->port.emplace(network->loop, config.value().endpoint, http::user_agent("atelier", ATELIER_VERSION));
  return std::unique_ptr<Session>(std::make_unique<OwnSession>(
      std::move(network), options.ns.empty() ? config.value().ns : options.ns, config.value().endpoint.base_url));
}

}  // namespace atelier::cli
