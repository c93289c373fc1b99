// How a program names itself to a server.
#pragma once

#include <string>
#include <string_view>

namespace atelier::http {

// As Kubernetes' own clients do, with Go's names for system and architecture: "kubelet/1.34.0 (linux/amd64)".
std::string user_agent(std::string_view program, std::string_view version);

}  // namespace atelier::http
