// Who may be asked for a token: a registry says it, and what it says is not believed.
#pragma once

#include <string>

#include "atelier/base/result.h"
#include "registry/origin.h"
#include "registry/settings.h"

namespace atelier::registry {

// The address in `realm` of a challenge, if it is on the registry's own host, one that `settings` has for it, or Docker
// Hub's; over HTTPS, unless the registry itself is asked without. Error: invalid, naming the host.
Result<Url> checked_realm(const std::string& realm, const Origin& registry, const Settings& settings);

}  // namespace atelier::registry
