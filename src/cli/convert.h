// Files of other platforms as manifests.
#pragma once

#include <string>
#include <vector>

#include "atelier/convert/convert.h"
#include "cli/finding.h"
#include "cli/manifests.h"

namespace atelier::cli {

struct Manifests {
  std::string yaml;  // empty when a finding is no warning
  std::vector<Finding> findings;

  bool refused() const;
};

// All documents of all files, or none. `options` are for each of them.
Manifests convert(const std::vector<Manifest>& files, const convert::Options& options);

// "NAMESPACE/NAME" or "NAME". Error: invalid.
Result<api::NamespacedReference> parse_reference(const std::string& text);

}  // namespace atelier::cli
