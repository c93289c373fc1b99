// Which authorities a machine trusts with the certificates of servers.
#pragma once

#include <string>

namespace atelier::http {

// In PEM, as libcurl finds them by itself; empty if this machine has none in a file.
std::string system_authorities();

}  // namespace atelier::http
