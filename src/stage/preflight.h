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

DagIds ids_of(const std::map<std::string, std::string>& files);  // by dag_id

struct PythonFindings {
  Refusals defects;                          // Python that no interpreter reads
  std::map<std::string, std::string> files;  // by dag_id: the first that has it
  Refusals twice;                            // ids that a second file has, too
  std::uint64_t unread = 0;                  // files too large to look at
  std::uint64_t uncertain = 0;               // files that were not looked at as a whole
  bool more = false;                         // there are ids beyond the limit
  bool by_airflow = false;                   // Airflow found the ids; else they are those spelled out

  DagIds ids() const { return ids_of(files); }
  std::string warning() const;  // of what was not looked at, and of ids that are there twice; or empty
};

constexpr std::size_t kMaxPythonBytes = 1 << 20;
constexpr std::size_t kMaxDagIds = 1'000;

// Fails only where a file cannot be read.
Result<PythonFindings> inspect_python(const Folder& tree, const std::vector<std::string>& paths);

// The ids alone.
Result<DagIds> read_dag_ids(const Folder& tree, const std::vector<std::string>& paths);

// The findings, or PreflightFailed for what is certainly wrong. `airflow_dags` is the document that Airflow's word is
// in, see airflow_dags.h; empty: it was not asked.
Result<PythonFindings> preflight(const Folder& tree, const Manifest& manifest, const std::string& airflow_dags);

}  // namespace atelier::stage
