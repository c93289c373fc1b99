#include "registry/settings.h"

namespace atelier::registry {

Result<Origin> parse_place(std::string_view text, bool tls) {
  if (text.find("://") != std::string_view::npos) {
    const auto url = parse_url(text);
    if (url && url->target == "/" && !text.ends_with('/')) return url->origin;
  } else if (const auto origin = parse_authority(text, tls)) {
    return *origin;
  }
  return invalid('"' + std::string(text) + "\" should be a host, as in registry.local:5000 or https://registry.local");
}

Result<Realm> parse_realm(std::string_view text) {
  const std::size_t between = text.find('=');
  if (between == std::string_view::npos) {
    return invalid('"' + std::string(text) +
                   "\" should be a registry and who gives its tokens, as in registry.gitlab.com=gitlab.com");
  }
  ATELIER_TRY(const Origin registry, parse_place(text.substr(0, between), true));
  ATELIER_TRY(const Origin server, parse_place(text.substr(between + 1), true));
  return Realm{registry, server};
}

}  // namespace atelier::registry
