// A page of a list, read quickly: a run can carry 64 KiB of what only the operator reads.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::cli {

struct Page {
  std::vector<nlohmann::json> items;  // without metadata.managedFields, status.state and status.tasks
  std::string continue_token;         // empty: it is the last
};

// Error: server, when it is no complete list.
Result<Page> read_page(const std::string& body);

}  // namespace atelier::cli
