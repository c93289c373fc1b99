// What the operator would say about manifests, without a cluster.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/finding.h"

namespace atelier::cli {

struct Manifest {
  std::string file;
  std::string text;
};

struct Report {
  std::vector<Finding> findings;
  std::size_t objects = 0;  // that were checked

  std::size_t warnings() const;
  std::size_t errors() const { return findings.size() - warnings(); }
};

// Checks the objects of group atelier.dev, also inside of a List, and passes over others. Parameters of a PipelineRun
// are checked when its Pipeline is among the manifests.
Report lint(const std::vector<Manifest>& manifests);

}  // namespace atelier::cli
