// Where the sources are that a test or a benchmark was compiled from: for its data, and for the docs it is held to.
#pragma once

#include <string>

namespace atelier::testing {

// Absolute, without a slash at the end.
std::string source_dir();

}  // namespace atelier::testing
