// Text that has to fit, and text without what surrounds it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atelier {

// At most `longest` bytes of UTF-8, cut at a character's end and marked as cut by "...". REQUIRES longest >= 3.
std::string bounded(std::string_view text, std::size_t longest);

// The same from the other side: "..." and the end of a longer text.
std::string end_of_text(std::string_view text, std::size_t longest);

// Without the first bytes of a character that is cut off at the end of otherwise well-formed UTF-8.
std::string without_cut_character(std::string text);

// A part of `text`: without the spaces, tabs and line ends before and after it.
std::string_view without_surrounding_space(std::string_view text);

}  // namespace atelier
