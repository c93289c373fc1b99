// One page of a list of tags, as a registry answers it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"

namespace atelier::registry {

// Appends the page's tags to `into`; what can be no tag is left out. Nothing of the rest is kept, however large it is.
// Error: invalid; also when there would be more than `most`.
Result<void> read_tags(std::string_view body, std::size_t most, std::vector<std::string>& into);

}  // namespace atelier::registry
