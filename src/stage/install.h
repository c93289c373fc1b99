// Step `tools`: puts this very program where the next containers of the pod find it.
#pragma once

#include <string>

#include "stage/outcome.h"

namespace atelier::stage {

// Copies /proc/self/exe to `destination`, mode 0555, replacing what is there in one rename.
Result<void> install(const std::string& destination);

}  // namespace atelier::stage
