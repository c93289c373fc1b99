// The operator's command line.
#pragma once

#include <string>

#include "base/log.h"

namespace atelier::app {

struct Options {
  std::string kubeconfig;  // empty: as kubectl finds it, or the pod's service account
  std::string context;
  std::string stage_image;
  std::string lease_namespace = "atelier-system";
  log::Level log_level = log::Level::info;
};

// Prints help, version or what is wrong, and exits, where there is nothing to run.
Options parse_options(int argc, char** argv);

}  // namespace atelier::app
