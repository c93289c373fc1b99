// Requests by libcurl alone, as the baseline: handles that are used again, no loop but libcurl's own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
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

// Keeps its connections from one call to the next.
class BareClient {
 public:
  BareClient(std::string base_url, const http::Credential& credential, std::size_t connections);
  ~BareClient();

  // Throws std::runtime_error unless each is answered with 200.
  void perform(const std::vector<BareRequest>& requests);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Receives one answer, piece by piece, until `take` says that it has enough.
void receive_bare(const std::string& base_url, const http::Credential& credential, const std::string& target,
                  const std::function<bool(std::string_view)>& take);

}  // namespace atelier::bench
