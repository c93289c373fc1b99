// Which addresses no registry has: those where a cloud or a node answers its own machine.
#pragma once

#include <sys/socket.h>

#include <string>

namespace atelier::registry {

// Why no connection is made to it, as in "169.254.169.254 is link-local, where no registry is asked"; empty: one is
// made. Private addresses are let through: registries live in clusters. An IPv4 address within an IPv6 one (mapped,
// compatible, SIIT, NAT64, 6to4) is judged as itself.
std::string refusal_of(const sockaddr& address);

}  // namespace atelier::registry
