// Text that has to fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atelier {

// At most `longest` bytes of UTF-8, cut at a character's end and marked as cut by "...". REQUIRES longest >= 3.
std::string bounded(std::string_view text, std::size_t longest);

}  // namespace atelier
