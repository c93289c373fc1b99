#include "app/endpoints.h"

#include "atelier/base/log.h"

namespace atelier::app {
namespace {

using http::ServerRequest;
using http::ServerResponse;

constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

bool asks_for(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view one = query.substr(0, end);
    if (one.substr(0, one.find('=')) == name) return true;
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
  }
  return false;
}

ServerResponse not_found(std::string_view there_is) {
  return {.status = 404, .body = "not found; there is " + std::string(there_is) + "\n"};
}

}  // namespace

ServerResponse answer_probe(std::string_view probe, const ServerRequest& request, const std::vector<Check>& checks) {
  std::string lines;
  bool failed = false;
  for (const Check& check : checks) {
    const bool holds = check.failure.empty();
    failed = failed || !holds;
    lines += holds ? "[+]" + check.name + " ok\n" : "[-]" + check.name + " failed: " + check.failure + "\n";
  }
  if (!failed && !asks_for(request.query, "verbose")) return {.body = "ok"};
  lines += std::string(probe) + " check " + (failed ? "failed" : "passed") + "\n";
  return {.status = failed ? 500 : 200, .body = std::move(lines)};
}

ServerResponse answer_probes(const ServerRequest& request, Operator& op) {
  // That this is answered says it: the loop runs.
  if (request.path == "/healthz") return answer_probe("healthz", request, {{"loop", ""}});
  if (request.path == "/readyz") return answer_probe("readyz", request, op.ready_checks());
  return not_found("/healthz and /readyz");
}

ServerResponse answer_metrics(const ServerRequest& request, Operator& op) {
  if (request.path != "/metrics") return not_found("/metrics");
  return {.body = op.metrics().scrape(), .content_type = kPrometheusText};
}

Result<std::vector<std::unique_ptr<http::Server>>> serve(http::AsioLoop& loop, const Options& options, Operator& op) {
  std::vector<std::unique_ptr<http::Server>> servers;
  const auto add = [&](const char* what, const std::string& address, http::Server::Handler handler) -> Result<void> {
    if (address == "0") return boost::outcome_v2::success();
    ATELIER_TRY(auto server, http::Server::listen(loop, address, std::move(handler)));
    log::info("serving", {{"what", what}, {"address", server->address()}});
    servers.push_back(std::move(server));
    return boost::outcome_v2::success();
  };
  ATELIER_TRY(add("metrics", options.metrics_bind_address,
                  [&op](const ServerRequest& request) { return answer_metrics(request, op); }));
  ATELIER_TRY(add("probes", options.health_probe_bind_address,
                  [&op](const ServerRequest& request) { return answer_probes(request, op); }));
  return servers;
}

}  // namespace atelier::app
