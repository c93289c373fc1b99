// Requests by libcurl alone, as the baseline: handles that are used again, no loop but libcurl's own.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/http/credentials.h"

namespace atelier::bench {

struct BareRequest {
  std::string method;
  std::string target;
  std::string content_type;
  std::string body;
};

// Performs them over so many connections; throws std::runtime_error unless each is answered with 200.
void perform_bare(const std::string& base_url, const http::Credential& credential,
                  const std::vector<BareRequest>& requests, std::size_t connections);

// Receives one answer, piece by piece, until `take` says that it has enough.
void receive_bare(const std::string& base_url, const http::Credential& credential, const std::string& target,
                  const std::function<bool(std::string_view)>& take);

}  // namespace atelier::bench
