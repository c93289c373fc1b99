// How registries are reached: directly, over TLS, and never at an address where no registry is.
#pragma once

#include <string>

#include "atelier/http/asio_loop.h"
#include "registry/ports.h"
#include "registry/settings.h"

namespace atelier::registry {

// `loop` is borrowed.
MakePort curl_ports(http::AsioLoop& loop, std::string user_agent, const Settings& settings);

}  // namespace atelier::registry
