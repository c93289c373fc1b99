// What others say, as a status can tell it.
#pragma once

#include <string>
#include <string_view>

namespace atelier::registry {

// Without what differs from one time to the next ("after 31 ms", "with 12 bytes received"), so that a failure that
// goes on is one; what is not printable ASCII as \xNN; at most 300 bytes.
std::string plain_words(std::string_view text);

}  // namespace atelier::registry
