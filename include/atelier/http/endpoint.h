// Where a port connects to and how it proves who it is.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>

#include "atelier/http/credentials.h"
#include "atelier/http/port.h"

namespace atelier::http {

struct Endpoint {
  std::string base_url;  // https://host:port, with a path if the server has one, without a slash at the end
  std::string ca_pem;    // empty: the system's authorities
  std::string client_cert_pem;
  std::string client_key_pem;
  std::string bearer_token;
  bool insecure = false;    // the server's certificate is not checked
  std::string server_name;  // checked in the certificate, and looked for in NO_PROXY, instead of the host
  // http, https or socks5, for every host; empty: as HTTPS_PROXY and NO_PROXY say. Names of hosts are left to a socks5
  // proxy, and what an https proxy shows may be by the system's authorities, too.
  std::string proxy_url;
  bool direct = false;      // no proxy, whatever the environment says
  bool compression = true;  // answers of sends may be compressed on the wire; streams never are
  Headers headers;          // sent with every request
  // What it gives wins over the fields above. Null: they are all there is.
  std::shared_ptr<Credentials> credentials;
  // Asked before each connection, with the address that the name came to (or the proxy's): why none is made to it, or
  // nothing. A refusal is the error forbidden unless another address of the name answers. Empty: all are let through.
  std::function<std::string(const sockaddr& address)> refuse_address = {};
};

}  // namespace atelier::http
