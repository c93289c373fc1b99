#include "support/source_dir.h"

namespace atelier::testing {

// Defined for this file alone: with a path among its flags, ccache would know no other file in another clone.
std::string source_dir() { return ATELIER_SOURCE_DIR; }

}  // namespace atelier::testing
