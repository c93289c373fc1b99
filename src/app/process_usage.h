// What this process uses, from Linux' /proc.
#pragma once

#include <string_view>

#include "atelier/kube/metrics.h"

namespace atelier::app {

// What cannot be read is 0.
kube::Metrics::ProcessUsage process_usage();

struct StatUnits {
  double ticks_per_second = 0;
  double page_bytes = 0;
  double boot_time = 0;  // Unix time
};
// The part that is in /proc/self/stat.
kube::Metrics::ProcessUsage usage_in_stat(std::string_view stat, const StatUnits& units);

}  // namespace atelier::app
