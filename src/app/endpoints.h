// What the operator serves over HTTP: /metrics on one address, /healthz and /readyz on another.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "app/operator.h"
#include "app/options.h"
#include "app/readiness.h"
#include "atelier/http/asio_loop.h"
#include "atelier/http/server.h"

namespace atelier::app {

// As components of Kubernetes answer. /PROBE is "ok", or with ?verbose a line for each check; 500 with these lines if
// one fails; ?exclude=CHECK, which may be repeated, leaves that one out. /PROBE/CHECK is one check alone. `probe` is
// its name: healthz, readyz. REQUIRES that the path is the probe's or below it.
http::ServerResponse answer_probe(std::string_view probe, const http::ServerRequest& request,
                                  const std::vector<Check>& checks);

http::ServerResponse answer_probes(const http::ServerRequest& request, Operator& op);
http::ServerResponse answer_metrics(const http::ServerRequest& request, Operator& op);

// Logs each address. An address "0" serves nothing. References are borrowed. Error: invalid, naming the address.
Result<std::vector<std::unique_ptr<http::Server>>> serve(http::AsioLoop& loop, const Options& options, Operator& op);

}  // namespace atelier::app
