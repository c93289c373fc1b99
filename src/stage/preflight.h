// What the Python files of a tree say before Airflow reads them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "stage/folder.h"
#include "stage/manifest.h"
#include "stage/outcome.h"
#include "stage/refusals.h"

namespace atelier::stage {

using DagIds = std::set<std::string>;

struct PythonFindings {
  Refusals defects;                          // Python that no interpreter reads
  std::map<std::string, std::string> files;  // by dag_id: the first that has it
  Refusals twice;                            // ids that a second file has, too
  std::uint64_t unread = 0;                  // files too large to look at
  bool more = false;                         // there are ids beyond the limit

  DagIds ids() const;
  std::string limits_met() const;  // what was not looked at, in words; empty if all was
};

constexpr std::size_t kMaxPythonBytes = 1 << 20;
constexpr std::size_t kMaxDagIds = 10'000;

// Fails only where a file cannot be read.
Result<PythonFindings> inspect_python(const Folder& tree, const std::vector<std::string>& paths);

// The findings, or PreflightFailed for what is certainly wrong.
Result<PythonFindings> preflight(const Folder& tree, const Manifest& manifest);

}  // namespace atelier::stage
