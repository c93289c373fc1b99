// A kubeconfig file: any text gives a configuration or a message, and no text can crash the program.
#include <array>

#include "atelier/kube/config.h"
#include "fuzz/property.h"

namespace {

constexpr const char* kFile = "/no-such-folder/config";  // so no relative path in it names anything

// Files that the text names are read. Without a slash, but in addresses, and without escapes that could make one, it
// names none outside of that folder; without "command" no plugin can be described.
bool stays_inside(std::string text) {
  for (const std::string_view address : {"https://", "http://"}) {
    for (std::size_t at; (at = text.find(address)) != std::string::npos;) text.erase(at, address.size());
  }
  return text.find_first_of("/\\") == std::string::npos && text.find("command") == std::string::npos;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  const std::string text{fuzz::text_of(data, size)};
  if (!stays_inside(text)) return -1;
  const kube::SteadyClock clock = [] { return SteadyTime{}; };
  for (const std::string_view context : {"", "other"}) {
    const auto config = kube::parse_kubeconfig(text, kFile, context, clock);
    if (!config) {
      fuzz::holds(config.error().code == Errc::invalid, "a refusal is the author's matter");
      fuzz::holds(config.error().message.starts_with("kubeconfig /no-such-folder/config: "),
                  "a refusal names the file");
      continue;
    }
    const http::Endpoint& endpoint = config.value().endpoint;
    fuzz::holds(endpoint.base_url.starts_with("http"), "a server's address is HTTP");
    fuzz::holds(!endpoint.base_url.ends_with('/'), "a path can be appended to it");
    fuzz::holds(endpoint.client_cert_pem.empty() == endpoint.client_key_pem.empty(), "certificates have their key");
    fuzz::holds(!endpoint.insecure || endpoint.ca_pem.empty(), "verification is asked for or not, never both");
    fuzz::holds(!config.value().ns.empty(), "there is always a namespace");
    if (endpoint.bearer_token) fuzz::holds(!endpoint.bearer_token().empty(), "a token is not empty");
  }
  return 0;
}
