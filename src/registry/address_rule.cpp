#include "registry/address_rule.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace atelier::registry {
namespace {

using Four = std::array<std::uint8_t, 4>;
using Sixteen = std::array<std::uint8_t, 16>;

struct Range {
  const char* what;
  std::array<std::uint8_t, 16> begin;
  int bits;
};

constexpr std::array kFour{
    Range{"unspecified", {0}, 8},
    Range{"loopback", {127}, 8},
    Range{"link-local", {169, 254}, 16},
    Range{"a cloud's metadata service", {100, 100, 100, 200}, 32},  // Alibaba
    Range{"a cloud's metadata service", {168, 63, 129, 16}, 32},    // Azure
    Range{"a cloud's metadata service", {192, 0, 0, 192}, 32},      // Oracle
    Range{"multicast", {224}, 4},
    Range{"reserved", {240}, 4},  // the broadcast address too
};
constexpr std::array kSixteen{
    Range{"unspecified", {0}, 128},
    Range{"loopback", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    Range{"link-local", {0xfe, 0x80}, 10},
    Range{"a cloud's metadata service", {0xfd, 0x00, 0x0e, 0xc2}, 32},  // Amazon
    Range{"a cloud's metadata service",
          {0xfd, 0x20, 0x00, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54},
          128},  // Google
    Range{"a cloud's metadata service",
          {0xfd, 0x00, 0x00, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x42},
          128},  // Scaleway
    Range{"site-local", {0xfe, 0xc0}, 10},
    Range{"a tunnel's", {0x20, 0x01, 0, 0}, 32},                     // Teredo, to an address that it hides
    Range{"a translator's", {0x00, 0x64, 0xff, 0x9b, 0, 0x01}, 48},  // where in it the IPv4 address is, is its secret
    Range{"multicast", {0xff}, 8},
};

bool within(std::span<const std::uint8_t> address, const Range& range) {
  const std::size_t whole = static_cast<std::size_t>(range.bits) / 8;
  if (!std::equal(range.begin.begin(), range.begin.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) {
    return false;
  }
  const int rest = range.bits % 8;
  return rest == 0 || (address[whole] ^ range.begin.at(whole)) >> (8 - rest) == 0;
}

template <class Ranges>
std::string kind_of(std::span<const std::uint8_t> address, const Ranges& ranges) {
  const auto at =
      std::find_if(ranges.begin(), ranges.end(), [&](const Range& range) { return within(address, range); });
  return at == ranges.end() ? "" : at->what;
}

// The IPv4 address that is reached by this one.
std::optional<Four> embedded(const Sixteen& address) {
  constexpr Range kMapped{"", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr Range kCompatible{"", {0}, 96};
  constexpr Range kSiit{"", {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr Range kNat64{"", {0x00, 0x64, 0xff, 0x9b}, 96};
  constexpr Range k6to4{"", {0x20, 0x02}, 16};
  const auto from = [&](std::size_t at) {
    return Four{address.at(at), address.at(at + 1), address.at(at + 2), address.at(at + 3)};
  };
  for (const Range& range : {kMapped, kCompatible, kSiit, kNat64}) {
    if (within(address, range)) return from(12);
  }
  if (within(address, k6to4)) return from(2);
  return std::nullopt;
}

std::string text_of(const sockaddr& address, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(address.sa_family, bytes, text.data(), text.size()) == nullptr ? "" : text.data();
}

}  // namespace

std::string refusal_of(const sockaddr& address) {
  std::string kind;
  std::string text;
  if (address.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &address, sizeof(four));
    Four bytes{};
    std::memcpy(bytes.data(), &four.sin_addr, bytes.size());
    kind = kind_of(bytes, kFour);
    text = text_of(address, bytes.data());
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 six{};
    std::memcpy(&six, &address, sizeof(six));
    Sixteen bytes{};
    std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
    kind = kind_of(bytes, kSixteen);
    const auto inner = embedded(bytes);
    if (kind.empty() && inner) kind = kind_of(*inner, kFour);
    text = text_of(address, bytes.data());
  } else {
    return "its address is none of the Internet";
  }
  return kind.empty() ? "" : text + " is " + kind + ", where no registry is asked";
}

}  // namespace atelier::registry
