// From what a kubeconfig says to an endpoint: reads the files it names and sets up the credentials.
#pragma once

#include "atelier/base/loop.h"
#include "atelier/base/process.h"
#include "atelier/http/endpoint.h"
#include "kube/kubeconfig.h"

namespace atelier::kube {

// Error: invalid, naming kubeconfig, field and file.
Result<http::Endpoint> connection_of(const Choice& choice, Loop& loop, ProcessRunner& processes);

}  // namespace atelier::kube
