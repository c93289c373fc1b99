#include "registry/curl_ports.h"

#include "atelier/http/curl_port.h"
#include "registry/address_rule.h"
#include "registry/places.h"

namespace atelier::registry {
namespace {

// Of what a stranger answers, at most 32 of which are in memory at once.
constexpr std::size_t kLongestAnswer = std::size_t{1} << 20;

}  // namespace

MakePort curl_ports(http::AsioLoop& loop, std::string user_agent, const Settings& settings) {
  return [&loop, agent = std::move(user_agent), settings](const Origin& origin) -> std::unique_ptr<http::Port> {
    http::Endpoint endpoint;
    endpoint.base_url = origin.url();
    endpoint.ca_pem = settings.authorities_pem;
    endpoint.direct = true;  // a proxy would connect for us to what we refuse
    endpoint.compression = false;
    if (!settings.insecure.contains(origin)) endpoint.refuse_address = &refusal_of;
    const http::CurlPort::Limits limits{.concurrent = Places::kOfHost, .answer_bytes = kLongestAnswer};
    return std::make_unique<http::CurlPort>(loop, std::move(endpoint), agent, limits);
  };
}

}  // namespace atelier::registry
