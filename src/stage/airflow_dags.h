// What the domain's Airflow found in a tree, as the step `airflow-dag-ids` wrote it down:
//   {"dags":[{"id":"orders","file":"a.py"}],"errors":[{"file":"b.py","message":"line 3: NameError: ..."}]}
// The team's code ran in the process that wrote it, so it is a stranger's word.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "stage/outcome.h"

namespace atelier::stage {

constexpr std::size_t kMaxAirflowDagsBytes = 1 << 20;

struct AirflowDags {
  std::map<std::string, std::string> files;  // by dag_id
  bool more = false;                         // there are ids beyond the limit
};

// PreflightFailed if Airflow could not import a file, and if the document is missing, too large, or another one.
Result<AirflowDags> read_airflow_dags(const std::string& path);

// Of the text of that file.
Result<AirflowDags> parse_airflow_dags(std::string_view text, const std::string& path);

}  // namespace atelier::stage
