// The `.airflowignore` in the DataDomain's folder. Airflow may be pointed at that folder as well as at its `dags`; if
// its walk met a release both by its own path and by the link, it would report a loop and load no DAG at all.
#pragma once

#include <string>

#include "stage/storage.h"

namespace atelier::stage {

// Makes sure that there is a line `.atelier` or `\.atelier`; all other lines, and the mode, stay. PathOccupied if it is
// no regular file.
Result<void> keep_ignore_file(const Storage& storage, const std::string& workspace);

}  // namespace atelier::stage
