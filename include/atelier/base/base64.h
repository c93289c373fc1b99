// Base64 of RFC 4648, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atelier {

std::string base64_encode(std::string_view bytes);

// Line breaks are skipped. Absent when `text` is not base64 with its padding.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace atelier
