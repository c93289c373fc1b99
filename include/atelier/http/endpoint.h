// Where a port connects to and how it proves who it is.
#pragma once

#include <functional>
#include <string>

namespace atelier::http {

struct Endpoint {
  std::string base_url;  // https://host:port, with a path if the server has one, without a slash at the end
  std::string ca_pem;    // empty: the system's authorities
  std::string client_cert_pem;
  std::string client_key_pem;
  bool insecure = false;    // the server's certificate is not checked
  std::string server_name;  // checked in the certificate instead of the host; empty: the host
  std::string proxy_url;    // empty: as the environment says
  // Asked before every request; empty function or empty string: no token is sent.
  std::function<std::string()> bearer_token;
  // Told when an answer was 401, so that the token is not used again.
  std::function<void()> token_refused;
};

}  // namespace atelier::http
