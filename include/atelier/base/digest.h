// SHA-256, for names and content addresses.
#pragma once

#include <string>
#include <string_view>

namespace atelier {

std::string sha256_hex(std::string_view data);  // 64 lower-case hex digits

// A DNS label of at most `limit` bytes made of `text` cut short, a dash and the first ten hex digits of
// SHA-256 over `identity`. Distinct identities give distinct names. REQUIRES limit >= 12.
std::string hashed_name(std::string_view text, std::string_view identity, std::size_t limit = 63);

}  // namespace atelier
