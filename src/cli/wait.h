// Waiting for a run's end, with progress.
#pragma once

#include <optional>

#include "atelier/base/ids.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace atelier::cli {

// kDone when it succeeded, kFailed with the reason on `err` when not. Error: also when `longest` was over: the run goes
// on.
Result<int> wait_for_end(Session& session, const ObjectKey& run, const Uid& uid, std::optional<Millis> longest,
                         Terminal& terminal);

}  // namespace atelier::cli
