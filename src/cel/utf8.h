// Text in characters, which are code points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atelier::cel {

// No surrogates, nothing overlong, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text);

// REQUIRES valid UTF-8.
std::size_t characters_of(std::string_view text);

// False, and nothing is appended, if there is no such character.
bool append_character(std::string& text, std::uint32_t character);

}  // namespace atelier::cel
