// Where a server is, and what is on it: read strictly, since these texts come from tenants and from foreign servers.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace atelier::registry {

struct Origin {
  bool tls = true;
  std::string host;  // a name or an IPv4 address in lower case, or an IPv6 address in brackets
  int port = 443;

  std::string authority() const;  // as in a URL: the port only where it is not the usual one
  std::string url() const;        // https://registry.local:5000

  auto operator<=>(const Origin&) const = default;
};

// "registry.local:5000"; without a port it is the usual one of HTTPS or HTTP.
std::optional<Origin> parse_authority(std::string_view text, bool tls);

struct Url {
  Origin origin;
  std::string target;  // path and query, at least "/"

  bool operator==(const Url&) const = default;
};

// An absolute URL of http or https, at most 4 KiB, without a user and a fragment.
std::optional<Url> parse_url(std::string_view text);

// Nothing but what a path with its query may consist of.
bool is_target(std::string_view text);

}  // namespace atelier::registry
