// Where the API server is and who we are to it: from kubeconfig files or from inside a pod.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/loop.h"
#include "atelier/base/process.h"
#include "atelier/base/result.h"
#include "atelier/http/endpoint.h"

namespace atelier::kube {

// What is named by a file's path is read again while the process runs: once a minute, and when it was refused.
// Its credentials borrow loop and runner: a configuration and the ports that use it are destroyed before these.
struct Config {
  http::Endpoint endpoint;
  std::string ns = "default";  // of what is named without a namespace
  std::string source;          // for people: the files, or "in-cluster"
};

// In this order: `kubeconfig` if it is not empty, the files that $KUBECONFIG lists, the pod's service account unless a
// context is asked for, ~/.kube/config. An empty `context` is the current one. `processes` runs exec plugins, when the
// first request leaves. Error: invalid, naming file, field and remedy.
Result<Config> load_config(const std::string& kubeconfig, std::string_view context, Loop& loop,
                           ProcessRunner& processes);

// One file, which must be there. Relative paths in a kubeconfig are relative to its folder.
Result<Config> load_kubeconfig(const std::string& file, std::string_view context, Loop& loop, ProcessRunner& processes);

// Several, separated by colons and merged: the first to name something has all of it. Files that are not there are
// skipped as long as one is.
Result<Config> load_kubeconfigs(const std::string& files, std::string_view context, Loop& loop,
                                ProcessRunner& processes);

struct InCluster {
  std::string host;  // KUBERNETES_SERVICE_HOST
  std::string port;  // KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};
Result<Config> load_in_cluster(const InCluster& where, Loop& loop);

}  // namespace atelier::kube
