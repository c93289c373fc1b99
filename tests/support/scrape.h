// Reads what metrics look like to Prometheus.
#pragma once

#include <sstream>
#include <string>

namespace atelier::testing {

// The value of `series`, such as `workqueue_adds_total{name="a",controller="a"}`, as it is written; empty if the text
// has no such line.
inline std::string value_in(const std::string& scrape, const std::string& series) {
  std::istringstream lines{scrape};
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return line.substr(series.size() + 1);
  }
  return "";
}

}  // namespace atelier::testing
