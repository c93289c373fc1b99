// Finds and reads the manifests that a command line names.
#pragma once

#include <istream>
#include <string>
#include <vector>

#include "atelier/base/result.h"
#include "cli/lint.h"

namespace atelier::cli {

// A folder stands for the files in and below it that end in .yaml, .yml or .json, but for hidden ones, in the order
// of their names; "-" for `input`. Error: invalid, for a path that cannot be read and for a folder without manifests.
Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& paths, std::istream& input);

}  // namespace atelier::cli
