// Where the API server is and who we are to it: from a kubeconfig file or from inside a pod.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "atelier/base/time.h"
#include "atelier/http/endpoint.h"

namespace atelier::kube {

using SteadyClock = std::function<SteadyTime()>;  // for tokens in files, which are read again now and then

struct Config {
  http::Endpoint endpoint;
  std::string ns = "default";  // of what is named without a namespace
  std::string source;          // for people: the file, or "in-cluster"
};

// Reads one kubeconfig file; an empty `context` is the file's current-context. Relative paths in it are relative to
// its folder. Error: invalid, naming file, field and remedy; also for exec plugins, auth-providers and impersonation,
// which are not supported, rather than being somebody else.
Result<Config> load_kubeconfig(const std::string& path, std::string_view context, SteadyClock clock);

// The same from text; `path` is where it came from.
Result<Config> parse_kubeconfig(std::string_view text, const std::string& path, std::string_view context,
                                SteadyClock clock);

struct InCluster {
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};
Result<Config> load_in_cluster(const InCluster& where, SteadyClock clock);

// In this order: `kubeconfig` if it is not empty, $KUBECONFIG, the pod's service account unless a context is asked
// for, ~/.kube/config.
Result<Config> load_config(const std::string& kubeconfig, std::string_view context, SteadyClock clock);

}  // namespace atelier::kube
