// What the operator's owner says about registries.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "registry/origin.h"

namespace atelier::registry {

struct Settings {
  std::set<Origin> insecure{};    // asked as they are written here, plain HTTP included, at any address
  std::set<Origin> realms{};      // of other hosts than the registries', that may be asked for tokens
  std::string authorities_pem{};  // trusted with the certificates of registries; empty: the system's
};

// [SCHEME://]HOST[:PORT]; without a scheme `tls` says it. Error: invalid.
Result<Origin> parse_place(std::string_view text, bool tls);

}  // namespace atelier::registry
