// What `get` shows of each kind.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "atelier/base/result.h"
#include "atelier/base/time.h"
#include "cli/kinds.h"
#include "cli/table.h"

namespace atelier::cli {

// Of a table with, if `wide`, everything. Without NAMESPACE and NAME, which are the same for all.
Row titles(const KindName& kind, bool wide);

// One object's, under these titles. Error: server, when the object is not of this kind.
Result<Row> cells(const KindName& kind, const nlohmann::json& object, bool wide, WallTime now);

}  // namespace atelier::cli
