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

}  // namespace atelier::registry
