#include "registry/realm.h"

namespace atelier::registry {

Result<Url> checked_realm(const std::string& realm, const Origin& registry, const Settings& settings) {
  const auto url = parse_url(realm);
  if (!url) return invalid("it names no address that gives tokens");
  const std::string& host = url->origin.host;
  if (!url->origin.tls && registry.tls) return invalid("it sends for tokens to " + host + " without TLS");
  const bool own = host == registry.host;
  const bool hub = registry.host == "registry-1.docker.io" && url->origin == Origin{true, "auth.docker.io", 443};
  if (!own && !hub && !settings.realms.contains({registry, url->origin})) {
    return invalid("it sends for tokens to " + url->origin.authority() +
                   ", which only the operator's --registry-realm can allow");
  }
  return *url;
}

}  // namespace atelier::registry
