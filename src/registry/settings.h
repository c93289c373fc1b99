// What the operator's owner says about registries.
#pragma once

#include <compare>
#include <set>
#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "registry/origin.h"

namespace atelier::registry {

// A server on another host than a registry's, which that registry may name to get tokens from.
struct Realm {
  Origin registry;
  Origin server;

  auto operator<=>(const Realm&) const = default;
};

struct Settings {
  std::set<Origin> insecure{};  // asked as they are written here, plain HTTP included, at any address
  std::set<Realm> realms{};
  std::string authorities_pem{};  // trusted with the certificates of registries; empty: the system's
};

// [SCHEME://]HOST[:PORT]; without a scheme `tls` says it. Error: invalid.
Result<Origin> parse_place(std::string_view text, bool tls);

// REGISTRY=REALM, two places, with TLS unless they have a scheme. Error: invalid.
Result<Realm> parse_realm(std::string_view text);

}  // namespace atelier::registry
