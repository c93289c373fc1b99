#include "app/endpoints.h"

#include "atelier/base/log.h"

namespace atelier::app {
namespace {

using http::ServerRequest;
using http::ServerResponse;

constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

// Each value that `name` has in the query, in order; empty for one without a value. Names of checks need no escapes, so
// none are read.
std::vector<std::string> values_of(std::string_view query, std::string_view name) {
  std::vector<std::string> values;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view one = query.substr(0, end);
    const auto equals = one.find('=');
    if (one.substr(0, equals) == name) values.emplace_back(equals == one.npos ? "" : one.substr(equals + 1));
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
  }
  return values;
}

ServerResponse not_found(std::string_view there_is) {
  return {.status = 404, .body = "not found; there is " + std::string(there_is) + "\n"};
}

ServerResponse answer_all(std::string_view probe, std::string_view query, const std::vector<Check>& checks) {
  std::vector<std::string> excluded = values_of(query, "exclude");
  std::string lines;
  bool failed = false;
  for (const Check& check : checks) {
    if (std::erase(excluded, check.name) > 0) {
      lines += "[+]" + check.name + " excluded: ok\n";
    } else if (check.failure.empty()) {
      lines += "[+]" + check.name + " ok\n";
    } else {
      failed = true;
      lines += "[-]" + check.name + " failed: " + check.failure + "\n";
    }
  }
  std::string unknown;
  for (const std::string& name : excluded) unknown += (unknown.empty() ? "\"" : ", \"") + name + "\"";
  if (!unknown.empty()) lines += "warn: some health checks cannot be excluded: no matches for " + unknown + "\n";
  if (!failed && values_of(query, "verbose").empty()) return {.body = "ok"};
  lines += std::string(probe) + " check " + (failed ? "failed" : "passed") + "\n";
  return {.status = failed ? 500 : 200, .body = std::move(lines)};
}

}  // namespace

ServerResponse answer_probe(std::string_view probe, const ServerRequest& request, const std::vector<Check>& checks) {
  const std::string all = "/" + std::string(probe);
  if (request.path == all || request.path == all + "/") return answer_all(probe, request.query, checks);
  std::string there_is = all;
  for (const Check& check : checks) {
    if (request.path != all + "/" + check.name) {
      there_is += ", " + all + "/" + check.name;
    } else if (check.failure.empty()) {
      return {.body = "ok"};
    } else {
      return {.status = 500, .body = "internal server error: " + check.failure + "\n"};
    }
  }
  return not_found(there_is);
}

ServerResponse answer_probes(const ServerRequest& request, Operator& op) {
  const auto asks_for = [&request](const std::string& probe) {
    return request.path == probe || request.path.starts_with(probe + "/");
  };
  // That this is answered says it: the loop runs.
  if (asks_for("/healthz")) return answer_probe("healthz", request, {{"loop", ""}});
  if (asks_for("/readyz")) return answer_probe("readyz", request, op.ready_checks());
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
