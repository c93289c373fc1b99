// A list of dag_ids as a file of the storage holds it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stage/preflight.h"

namespace atelier::stage {

constexpr std::size_t kMaxDagIdListBytes = 16 << 20;  // of what is read

std::string render(const DagIds& ids);

// Nothing if this is not what `render` writes.
std::optional<DagIds> parse_dag_ids(std::string_view text);

}  // namespace atelier::stage
