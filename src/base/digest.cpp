#include "atelier/base/digest.h"

#include <openssl/sha.h>

#include <array>
#include <cassert>

namespace atelier {

std::string sha256_hex(std::string_view data) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string hashed_name(std::string_view text, std::string_view identity, std::size_t limit) {
  static constexpr std::size_t kHash = 10;
  assert(limit >= kHash + 2);
  std::string name{text.substr(0, limit - kHash - 1)};
  // A label may hold "-" or "." only between alphanumerics, and the hash brings its own dash.
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  if (!name.empty()) name += '-';
  return name + sha256_hex(identity).substr(0, kHash);
}

}  // namespace atelier
