// The operator's command line.
#pragma once

#include <string>
#include <vector>

#include "atelier/base/ids.h"
#include "atelier/base/log.h"
#include "registry/settings.h"

namespace atelier::app {

// What the process ends with when it was not asked to; --help tells them.
// No way to the API server, an address is taken, the lease was lost, or the API server went back in time.
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;  // the options are wrong
inline constexpr int kExitStuck = 3;  // the lease ran out and the loop did not notice

struct Options {
  std::string kubeconfig;  // empty: as kubectl finds it, or the pod's service account
  std::string context;
  std::string stage_image;  // empty: that of the container "operator" of `pod`
  ObjectKey pod;            // which this process runs in; empty outside of the cluster
  std::string lease_namespace = "atelier-system";
  std::vector<std::string> watch_namespaces;   // empty: all
  std::string metrics_bind_address = ":8080";  // "0": nothing is served
  std::string health_probe_bind_address = ":8081";
  registry::Settings registries;
  std::string registry_ca;  // a file; empty: the system's authorities alone
  log::Level log_level = log::Level::info;
};

// Prints help, version or what is wrong, and exits, where there is nothing to run.
Options parse_options(int argc, char** argv);

}  // namespace atelier::app
