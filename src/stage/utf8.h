// UTF-8 as file names and messages need it: what is valid, what is clean, what can be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atelier::stage {

// Bytes of the well-formed code point at the start of `text` (no overlong form, no surrogate), 0 if there is none.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

// True if `text` has a control character: C0, DEL or C1.
bool has_control(std::string_view text);

// At most `bytes` of `text`, never ending inside a code point.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

// A path as a message may show it: control characters and bytes that are not UTF-8 become \xHH.
std::string printable(std::string_view text);

}  // namespace atelier::stage
