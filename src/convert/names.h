// Names that were meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atelier::convert {

// The known name that takes the fewest changes of a character, if so few that it may be meant; else empty.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

// "a, b and c"
std::string listed(const std::vector<std::string>& names);

}  // namespace atelier::convert
