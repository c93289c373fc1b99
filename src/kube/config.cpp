#include "atelier/kube/config.h"

#include <cstdlib>
#include <memory>

#include "kube/credentials.h"

namespace atelier::kube {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

}  // namespace

Result<Config> load_in_cluster(const InCluster& where, SteadyClock clock) {
  if (where.host.empty() || where.port.empty()) {
    return invalid("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod of a cluster");
  }
  Config config;
  config.source = "in-cluster";
  const bool v6 = where.host.find(':') != std::string::npos;
  config.endpoint.base_url = "https://" + (v6 ? "[" + where.host + "]" : where.host) + ":" + where.port;
  ATELIER_TRY(config.endpoint.ca_pem, read_whole_file(where.folder + "/ca.crt"));
  if (config.endpoint.ca_pem.empty()) return invalid(where.folder + "/ca.crt: is empty");  // not: any authority
  const auto token = std::make_shared<TokenFile>(where.folder + "/token", std::move(clock));
  if (token->token().empty()) return invalid(where.folder + "/token: there is no service account token");
  config.endpoint.bearer_token = [token] { return token->token(); };
  config.endpoint.token_refused = [token] { token->refuse(); };
  if (const auto ns = read_whole_file(where.folder + "/namespace")) {
    const std::string_view name = without_surrounding_space(ns.value());
    if (!name.empty()) config.ns = name;
  }
  return config;
}

Result<Config> load_config(const std::string& kubeconfig, std::string_view context, SteadyClock clock) {
  if (!kubeconfig.empty()) return load_kubeconfig(kubeconfig, context, std::move(clock));
  if (const std::string path = environment("KUBECONFIG"); !path.empty()) {
    if (path.find(':') != std::string::npos) {
      return invalid("KUBECONFIG=" + path + ": a list of files is not supported; name one file");
    }
    return load_kubeconfig(path, context, std::move(clock));
  }
  InCluster pod;
  pod.host = environment("KUBERNETES_SERVICE_HOST");
  pod.port = environment("KUBERNETES_SERVICE_PORT");
  if (!pod.host.empty() && context.empty()) return load_in_cluster(pod, std::move(clock));
  const std::string home = environment("HOME");
  if (home.empty()) return invalid("no cluster is configured: set KUBECONFIG or pass --kubeconfig");
  auto config = load_kubeconfig(home + "/.kube/config", context, std::move(clock));
  if (!config) return invalid("no cluster is configured (" + config.error().message + "): set KUBECONFIG");
  return config;
}

}  // namespace atelier::kube
