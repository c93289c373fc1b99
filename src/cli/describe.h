// All that matters of one object, for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/event.h"
#include "cli/kinds.h"
#include "cli/terminal.h"

namespace atelier::cli {

// Error: server, when the object is not of this kind.
Result<std::string> describe(const KindName& kind, const nlohmann::json& object, const std::vector<Event>& events,
                             WallTime now, const Terminal& terminal);

}  // namespace atelier::cli
