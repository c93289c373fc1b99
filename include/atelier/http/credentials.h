// What proves to a server who we are, where that changes while the process runs.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "atelier/base/result.h"

namespace atelier::http {

// The proof at one moment. What is empty is taken from the Endpoint; certificate and key are one thing.
struct Credential {
  std::string bearer_token;
  std::string ca_pem;
  std::string client_cert_pem;
  std::string client_key_pem;
};

// Asked before each request that leaves. Connections are made with what is current then and used again only for
// requests with the same authority and certificate. A stream that runs goes on with what it began with until the
// server or the stream's own time limit ends it, also after a rotation; the Kubernetes runtime's watches end after
// five to ten minutes, so what is old must stay valid that much longer.
class Credentials {
 public:
  using Snapshot = std::shared_ptr<const Credential>;  // never null

  virtual ~Credentials() = default;

  // Calls `done` once: inside this call when it has a fresh credential, otherwise later, on the loop; not after
  // this object's end. A caller that is gone by then must make that harmless itself. Error: unauthorized, with what
  // to do about it.
  virtual void get(std::function<void(Result<Snapshot>)> done) = 0;

  // The server did not accept it (401), or TLS failed with it: it is to be renewed. A snapshot that is not the
  // current one any more changes nothing.
  virtual void refused(const Snapshot& snapshot) = 0;
};

}  // namespace atelier::http
