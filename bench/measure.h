// Clocks and summaries that the benchmarks share.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace atelier::bench {

using Clock = std::chrono::steady_clock;

inline double millis(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

inline double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// User and kernel time of this process so far, in microseconds.
inline double cpu_micros() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return 1e6 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// Whether it is what it may be at most; says what is not.
inline bool within(const char* what, double measured, double most) {
  if (measured <= most) return true;
  std::fprintf(stderr, "bench: %s is %.3g, and may be at most %.3g\n", what, measured, most);
  return false;
}

}  // namespace atelier::bench
