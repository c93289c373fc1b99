// SHA-256 (FIPS 180-4). Our own, because a crypto library would make a static program five times its size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace atelier::stage {

using Digest = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  void update(std::string_view bytes);
  // REQUIRES: called once, with no update after it.
  Digest finish();

 private:
  void block(const std::uint8_t* data);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::size_t pending_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

// 64 lower-case characters.
std::string hex(const Digest& digest);
// False, leaving `out` unspecified, unless `text` is 64 lower-case hexadecimal characters.
[[nodiscard]] bool from_hex(std::string_view text, Digest& out);

}  // namespace atelier::stage
